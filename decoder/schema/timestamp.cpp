#include "decoder/schema/timestamp.h"

#include <algorithm>
#include <array>
#include <limits>

#include "decoder/schema/calendar.h"

namespace walpulse {
namespace {

using Int64 = std::numeric_limits<std::int64_t>;

/// 2000-01-01 in microseconds of the Unix clock.
constexpr std::int64_t kPostgresEpoch = 946'684'800'000'000;
constexpr std::int64_t kDayMicroseconds = 86'400'000'000;

void append_digits(std::int64_t value, int width, std::string& out) {
  std::array<char, 20> digits;
  std::size_t count = 0;
  for (; value > 0 || static_cast<int>(count) < width; value /= 10) {
    digits[count++] = static_cast<char>('0' + value % 10);
  }
  std::reverse(digits.begin(), digits.begin() + count);
  out.append(digits.data(), count);
}

struct TimeOfDay {
  std::int64_t second;
  std::int64_t microsecond;
};

void append_date(std::int64_t year, const calendar::Date& date, std::string& out) {
  append_digits(year, 4, out);
  out += '-';
  append_digits(date.month, 2, out);
  out += '-';
  append_digits(date.day, 2, out);
}

void append_clock(const TimeOfDay& time, std::string& out) {
  append_digits(time.second / 3600, 2, out);
  out += ':';
  append_digits(time.second / 60 % 60, 2, out);
  out += ':';
  append_digits(time.second % 60, 2, out);
}

/// As PostgreSQL prints it: no zeros at the fraction's end, and the era after the zone.
std::string to_postgres(const calendar::Date& date, const TimeOfDay& time) {
  std::string text;
  append_date(date.year > 0 ? date.year : 1 - date.year, date, text);
  text += ' ';
  append_clock(time, text);
  if (time.microsecond != 0) {
    text += '.';
    append_digits(time.microsecond, 6, text);
    text.erase(text.find_last_not_of('0') + 1);
  }
  text += "+00";
  if (date.year <= 0) text += " BC";
  return text;
}

/// Recognizes "YYYY-MM-DD HH:MM:SS[.ffffff]+00" by its shape and appends the same digits. Dates are
/// not checked: the server wrote them.
bool append_utc_digits(std::string_view text, std::string& out) {
  constexpr std::string_view kShape = "dddd-dd-dd dd:dd:dd";
  constexpr std::string_view kZone = "+00";
  constexpr std::size_t kFractionMax = 7;  // With its point.
  if (text.size() < kShape.size() + kZone.size() || !text.ends_with(kZone)) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return false;
  }
  std::string_view fraction = text.substr(kShape.size());
  fraction.remove_suffix(kZone.size());
  if (!fraction.empty()) {
    if (fraction[0] != '.' || fraction.size() == 1 || fraction.size() > kFractionMax) return false;
    if (!std::all_of(fraction.begin() + 1, fraction.end(), is_digit)) return false;
  }
  std::array<char, 27> result{"0000-00-00T00:00:00.000000"};
  result[26] = 'Z';
  std::copy_n(text.data(), 10, result.data());
  std::copy_n(text.data() + 11, 8, result.data() + 11);
  std::copy(fraction.begin(), fraction.end(), result.begin() + 19);
  out.append(result.data(), result.size());
  return true;
}

}  // namespace

Timestamp from_postgres_epoch(std::int64_t microseconds) {
  if (microseconds == Int64::min()) return kMinusInfinity;
  if (microseconds > Int64::max() - kPostgresEpoch) return kInfinity;
  return Timestamp{std::chrono::microseconds{microseconds + kPostgresEpoch}};
}

std::int64_t to_postgres_epoch(Timestamp instant) {
  if (instant == kInfinity) return Int64::max();
  const std::int64_t microseconds = instant.time_since_epoch().count();
  if (microseconds < Int64::min() + kPostgresEpoch) return Int64::min();
  return microseconds - kPostgresEpoch;
}

std::string to_rfc3339(Timestamp instant) {
  if (instant == kInfinity) return "infinity";
  if (instant == kMinusInfinity) return "-infinity";
  const std::int64_t microseconds = instant.time_since_epoch().count();
  const std::int64_t days = calendar::floor_divide(microseconds, kDayMicroseconds);
  std::int64_t of_day = microseconds % kDayMicroseconds;
  if (of_day < 0) of_day += kDayMicroseconds;
  const TimeOfDay time{of_day / 1'000'000, of_day % 1'000'000};
  const calendar::Date date = calendar::date_of(days);
  if (date.year < 1 || date.year > 9999) return to_postgres(date, time);

  std::string text;
  text.reserve(27);
  append_date(date.year, date, text);
  text += 'T';
  append_clock(time, text);
  text += '.';
  append_digits(time.microsecond, 6, text);
  text += 'Z';
  return text;
}

void append_rfc3339(std::string_view postgres_text, std::string& out) {
  // The year 0000 has the shape, but is no year of PostgreSQL's.
  if (!postgres_text.starts_with("0000") && append_utc_digits(postgres_text, out)) return;
  const Result<Timestamp> instant = parse_timestamp(postgres_text);
  if (!instant) {
    out += postgres_text;
    return;
  }
  const std::string text = to_rfc3339(*instant);
  // A date without an RFC 3339 form keeps the text that the server chose, zone and all.
  out += text.ends_with('Z') ? std::string_view(text) : postgres_text;
}

}  // namespace walpulse
