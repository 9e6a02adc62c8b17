#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::rules {

/// Times of day on days of the week, as people write them: "07:00", "Mon-Fri 07:00",
/// "Mon,Wed,Fri 07:00,19:00", "Sat-Mon 9:30" is refused (two digits). Several such texts together:
/// "Mon-Fri 07:00" and "Sat 09:00". Of no zone yet. Never empty.
class WeeklyTimes {
 public:
  static constexpr std::size_t kTimesMax = 500;

  /// Malformed with what is wrong, the text in it.
  static Result<WeeklyTimes> read(const std::vector<std::string>& texts);

  /// Ascending minutes since Monday 00:00, each once.
  const std::vector<std::uint16_t>& minutes() const { return minutes_; }

  bool operator==(const WeeklyTimes&) const = default;

 private:
  std::vector<std::uint16_t> minutes_;
};

/// The same for equal times, however they were written: "Mon-Fri 07:00, Sat 09:00".
std::string to_string(const WeeklyTimes& times);

}  // namespace walpulse::rules
