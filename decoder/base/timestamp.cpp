#include "decoder/base/timestamp.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "decoder/base/calendar.h"

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

/// Eight bytes at once: whether `text` has a digit wherever `shape` has '0', and else the same.
bool has_shape(const char* text, const char* shape) {
  std::uint64_t bytes = 0, wanted = 0, up_to_nine = 0;
  std::memcpy(&bytes, text, 8);
  std::memcpy(&wanted, shape, 8);
  char limits[8];
  for (int i = 0; i < 8; ++i) limits[i] = shape[i] == '0' ? 0x7F - 9 : 0x7F;
  std::memcpy(&up_to_nine, limits, 8);
  // A digit without '0' is at most nine, an equal byte zero; what is more sets a high bit.
  const std::uint64_t rest = bytes ^ wanted;
  return ((rest | (rest + up_to_nine)) & 0x8080808080808080) == 0;
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

  std::string text = "YYYY-mm-ddTHH:MM:SS.ffffffZ";
  const auto put = [&text](std::size_t at, std::int64_t pair) {
    text[at] = static_cast<char>('0' + pair / 10);
    text[at + 1] = static_cast<char>('0' + pair % 10);
  };
  put(0, date.year / 100);
  put(2, date.year % 100);
  put(5, date.month);
  put(8, date.day);
  put(11, time.second / 3600);
  put(14, time.second / 60 % 60);
  put(17, time.second % 60);
  put(20, time.microsecond / 10'000);
  put(22, time.microsecond / 100 % 100);
  put(24, time.microsecond % 100);
  return text;
}

bool utc_rfc3339(std::string_view postgres_text, std::array<char, 27>& out) {
  // "YYYY-MM-DD HH:MM:SS[.ffffff]+00". Dates are not checked: the server wrote them.
  constexpr std::size_t kSeconds = 19;
  constexpr std::string_view kZone = "+00";
  constexpr std::size_t kFractionMax = 7;  // With its point.
  const char* const text = postgres_text.data();
  if (postgres_text.size() < kSeconds + kZone.size() || !postgres_text.ends_with(kZone))
    return false;
  if (!has_shape(text, "0000-00-") || !has_shape(text + 8, "00 00:00") ||
      !has_shape(text + kSeconds - 8, "00:00:00")) {
    return false;
  }
  // The year 0000 has the shape, but is no year of PostgreSQL's.
  if (postgres_text.starts_with("0000")) return false;
  std::string_view fraction = postgres_text.substr(kSeconds);
  fraction.remove_suffix(kZone.size());
  char digits[] = "00000000";
  if (!fraction.empty()) {
    if (fraction[0] != '.' || fraction.size() == 1 || fraction.size() > kFractionMax) return false;
    std::copy(fraction.begin() + 1, fraction.end(), digits);
    if (!has_shape(digits, "00000000")) return false;
  }
  std::memcpy(out.data(), text, kSeconds);
  out[10] = 'T';
  out[kSeconds] = '.';
  std::memcpy(out.data() + kSeconds + 1, digits, 6);
  out[26] = 'Z';
  return true;
}

void append_rfc3339(std::string_view postgres_text, std::string& out) {
  if (std::array<char, 27> utc; utc_rfc3339(postgres_text, utc)) {
    out.append(utc.data(), utc.size());
    return;
  }
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
