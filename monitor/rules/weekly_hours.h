#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/rules/time_zone.h"

namespace walpulse::rules {

/// Hours of days of the week, as people write them: "Mon-Fri 08:00-18:00", "Sun 02:00-04:00",
/// "22:00-06:00" (every day, until the next morning), "Sat,Sun 00:00-24:00"; several such texts
/// together. Of no zone yet. Never empty.
class WeeklyHours {
 public:
  static constexpr std::size_t kSpansMax = 500;

  /// Minutes since Monday 00:00; the end is not in it.
  struct Span {
    int begin = 0;
    int end = 0;
    auto operator<=>(const Span&) const = default;
  };

  /// Malformed with what is wrong, the text in it.
  static Result<WeeklyHours> read(const std::vector<std::string>& texts);

  /// Ascending, none touching another, but for the last, which may go on as the first does.
  const std::vector<Span>& spans() const { return spans_; }
  /// What was written.
  const std::string& text() const { return text_; }

  /// The hours of both.
  WeeklyHours joined(const WeeklyHours& other) const;

  bool operator==(const WeeklyHours&) const = default;

 private:
  void add(Span span);
  void merge();

  std::vector<Span> spans_;
  std::string text_;
};

// By the clocks of a zone; what TimeZone::to_utc says of the two changes of a year holds.

/// Whether the instant is in these hours.
bool is_open(const WeeklyHours& hours, const TimeZone& zone, Timestamp instant);
/// The instant itself where it is in these hours, or the first after it that is.
Timestamp opens_at(const WeeklyHours& hours, const TimeZone& zone, Timestamp instant);
/// Of an instant in these hours: when they end. kInfinity where they never do.
Timestamp closes_at(const WeeklyHours& hours, const TimeZone& zone, Timestamp instant);

}  // namespace walpulse::rules
