#include <cstddef>
#include <optional>

#include "decoder/base/calendar.h"
#include "decoder/base/timestamp.h"

namespace walpulse {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;

/// Walks over a date's text; the first thing that is not there latches `ok` to false.
class DateCursor {
 public:
  explicit DateCursor(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_.front(); }

  bool skip_if(std::string_view expected) {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }
  void expect(std::string_view expected) { ok_ = skip_if(expected) && ok_; }

  /// Between `digits_min` and `digits_max` digits.
  std::int64_t number(int digits_min, int digits_max) {
    std::int64_t value = 0;
    int digits = 0;
    for (; is_digit(peek()) && digits < digits_max; ++digits) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (digits < digits_min || is_digit(peek())) ok_ = false;
    return value;
  }
  std::int64_t number_below(std::int64_t bound) {
    const std::int64_t value = number(2, 2);
    if (value >= bound) ok_ = false;
    return value;
  }
  /// The digits after the decimal point as microseconds; what is finer is cut off.
  std::int64_t fraction() {
    std::int64_t value = 0;
    int digits = 0;
    for (; is_digit(peek()); ++digits) {
      if (digits < 6) value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (digits == 0) ok_ = false;
    for (; digits < 6; ++digits) value *= 10;
    return value;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view text_;
  bool ok_ = true;
};

std::int64_t read_clock_seconds(DateCursor& in) {
  std::int64_t seconds = in.number_below(24) * 3600;
  in.expect(":");
  seconds += in.number_below(60) * 60;
  in.expect(":");
  return seconds + in.number_below(60);
}

/// Seconds east of Greenwich: "Z" or ±HH[:MM[:SS]].
std::int64_t read_zone(DateCursor& in) {
  if (in.skip_if("Z") || in.skip_if("z")) return 0;
  const std::int64_t sign = in.peek() == '-' ? -1 : 1;
  if (!in.skip_if("-")) in.expect("+");
  std::int64_t seconds = in.number_below(24) * 3600;
  if (in.skip_if(":")) seconds += in.number_below(60) * 60;
  if (in.skip_if(":")) seconds += in.number_below(60);
  return sign * seconds;
}

Timestamp saturated(std::int64_t days, std::int64_t seconds, std::int64_t microseconds) {
  // Whole seconds of the year 294276 fit by far; only their microseconds may not.
  const std::int64_t total = days * kDaySeconds + seconds;
  constexpr std::int64_t kMax = kInfinity.time_since_epoch().count();
  constexpr std::int64_t kMin = kMinusInfinity.time_since_epoch().count();
  std::int64_t scaled = 0;
  std::int64_t sum = 0;
  // Before the epoch, count down from the following second: the product must not overflow first.
  const std::int64_t borrow = total < 0 && microseconds > 0 ? 1 : 0;
  if (__builtin_mul_overflow(total + borrow, std::int64_t{1'000'000}, &scaled) ||
      __builtin_add_overflow(scaled, microseconds - borrow * 1'000'000, &sum)) {
    return Timestamp{std::chrono::microseconds{total < 0 ? kMin : kMax}};
  }
  return Timestamp{std::chrono::microseconds{sum}};
}

std::optional<Timestamp> read_timestamp(DateCursor& in) {
  calendar::Date date{};
  date.year = in.number(4, 6);
  in.expect("-");
  date.month = static_cast<unsigned>(in.number(2, 2));
  in.expect("-");
  date.day = static_cast<unsigned>(in.number(2, 2));
  if (!in.skip_if("T") && !in.skip_if("t")) in.expect(" ");
  const std::int64_t seconds = read_clock_seconds(in);
  const std::int64_t microseconds = in.skip_if(".") ? in.fraction() : 0;
  const std::int64_t offset = read_zone(in);
  const bool before_christ = in.skip_if(" BC");
  if (!in.ok() || !in.at_end() || date.year == 0) return std::nullopt;
  if (before_christ) date.year = 1 - date.year;
  if (!calendar::is_valid(date)) return std::nullopt;
  return saturated(calendar::days_since_epoch(date), seconds - offset, microseconds);
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (text == "infinity") return kInfinity;
  if (text == "-infinity") return kMinusInfinity;
  DateCursor in(text);
  const std::optional<Timestamp> instant = read_timestamp(in);
  if (!instant) {
    return fail(ErrorKind::malformed, "not a time with a zone: '" + std::string(text) +
                                          "' (write it as in 2025-01-02T03:04:05Z)");
  }
  return *instant;
}

}  // namespace walpulse
