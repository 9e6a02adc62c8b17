#include "monitor/messages/local_time.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace walpulse::monitor::messages {
namespace {

using std::chrono::days;
using std::chrono::local_days;

constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::chrono::local_seconds local_of(const rules::TimeZone& zone, Timestamp instant) {
  return zone.to_local(std::chrono::floor<std::chrono::seconds>(instant));
}

local_days day_of(std::chrono::local_seconds local) { return std::chrono::floor<days>(local); }

std::string clock_of(std::chrono::local_seconds local) {
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(local - day_of(local)).count();
  std::string text = "00:00";
  text[0] = static_cast<char>('0' + minutes / 600);
  text[1] = static_cast<char>('0' + minutes / 60 % 10);
  text[3] = static_cast<char>('0' + minutes % 60 / 10);
  text[4] = static_cast<char>('0' + minutes % 10);
  return text;
}

/// Empty for today.
std::string day_word(local_days day, local_days today) {
  if (day == today) return "";
  if (day == today - days(1)) return "yesterday ";
  if (day == today + days(1)) return "tomorrow ";
  const std::chrono::year_month_day date(day);
  std::string text = std::to_string(static_cast<unsigned>(date.day()));
  text += ' ';
  text += kMonths[static_cast<unsigned>(date.month()) - 1];
  text += ' ';
  if (date.year() != std::chrono::year_month_day(today).year())
    text += std::to_string(static_cast<int>(date.year())) + ' ';
  return text;
}

/// Beyond these no calendar of ours reaches.
bool is_in_calendar(Timestamp instant) {
  using namespace std::chrono_literals;
  constexpr std::chrono::sys_days kFirst{std::chrono::year(1) / 1 / 2};
  constexpr std::chrono::sys_days kLast{std::chrono::year(9999) / 12 / 30};
  return instant > kFirst && instant < kLast;
}

}  // namespace

std::string LocalTime::at(Timestamp instant) const {
  if (!is_in_calendar(instant)) return "ever";
  const auto local = local_of(zone_, instant);
  return day_word(day_of(local), day_of(local_of(zone_, now_))) + clock_of(local);
}

std::string LocalTime::span(Timestamp from, Timestamp until) const {
  if (!is_in_calendar(from) || !is_in_calendar(until)) return at(from) + '-' + at(until);
  const auto end = local_of(zone_, until);
  const bool same_day = day_of(local_of(zone_, from)) == day_of(end);
  return at(from) + (same_day ? "-" : " - ") + (same_day ? clock_of(end) : at(until));
}

std::string LocalTime::place() const {
  std::string name = zone_.name();
  if (const auto slash = name.rfind('/'); slash != std::string::npos) name.erase(0, slash + 1);
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace walpulse::monitor::messages
