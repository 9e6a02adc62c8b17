#include "monitor/rules/week_words.h"

#include <algorithm>
#include <cstdio>

#include "monitor/rules/mistake.h"

namespace walpulse::rules {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::size_t> day_of(std::string_view text) {
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (same_letters(text, kDays[day])) return day;
  }
  return std::nullopt;
}

/// "Mon", "Mon-Fri"; "Sat-Mon" goes over the week's end.
bool take_days(std::string_view text, DaySet& days) {
  const auto ends = split_at(text, '-');
  const auto first = day_of(ends.front());
  const auto last = day_of(ends.back());
  if (!first || !last || ends.size() > 2) return false;
  for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
    days[day] = true;
    if (day == *last) return true;
  }
}

bool is_digit_at(std::string_view text, std::size_t at) {
  return text[at] >= '0' && text[at] <= '9';
}

}  // namespace

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

Result<DaySet> read_days(std::string_view text) {
  DaySet days{};
  for (const std::string_view part : split_at(text, ',')) {
    if (take_days(part, days)) continue;
    return fail(ErrorKind::malformed,
                in_quotes(part) + " is not a day (Mon Tue Wed Thu Fri Sat Sun) or a range of them");
  }
  return days;
}

std::optional<std::uint16_t> minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (!is_digit_at(text, at)) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + text[1] - '0';
  const int minute = (text[3] - '0') * 10 + text[4] - '0';
  if (hour > 23 || minute > 59) return std::nullopt;
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

std::string time_of_day(int minute) {
  std::array<char, 16> time{};
  std::snprintf(time.data(), time.size(), "%02d:%02d", minute / 60 % 100, minute % 60);
  return time.data();
}

}  // namespace walpulse::rules
