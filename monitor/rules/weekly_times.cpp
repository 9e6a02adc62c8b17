#include "monitor/rules/weekly_times.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "monitor/rules/mistake.h"

namespace walpulse::rules {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

using DaySet = std::array<bool, 7>;

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

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

/// Minutes since midnight of "07:00".
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

tl::unexpected<Error> refuse_times(std::string_view text, const std::string& why) {
  return fail(ErrorKind::malformed, in_quotes(text) + " " + why);
}

Result<void> take_times(std::string_view text, std::vector<std::uint16_t>& minutes) {
  const auto words = split_at(text, ' ');
  if (text.empty() || words.size() > 2) {
    return refuse_times(text, "is not days and a time: DAYS HH:MM, or HH:MM for every day");
  }
  DaySet days{};
  if (words.size() == 1) days.fill(true);
  if (words.size() == 2) {
    for (const std::string_view part : split_at(words.front(), ',')) {
      if (take_days(part, days)) continue;
      return refuse_times(part, "is not a day (Mon Tue Wed Thu Fri Sat Sun) or a range of them");
    }
  }
  for (const std::string_view part : split_at(words.back(), ',')) {
    const auto minute = minute_of_day(part);
    if (!minute) return refuse_times(part, "is not a time of day, HH:MM from 00:00 to 23:59");
    for (std::size_t day = 0; day < days.size(); ++day) {
      if (!days[day]) continue;
      minutes.push_back(static_cast<std::uint16_t>(day * WeeklyTimes::kDayMinutes + *minute));
    }
  }
  return {};
}

std::string times_of_day(const std::vector<std::uint16_t>& minutes, std::size_t day) {
  std::string text;
  for (const std::uint16_t minute : minutes) {
    if (minute / WeeklyTimes::kDayMinutes != day) continue;
    const int of_day = minute % WeeklyTimes::kDayMinutes;
    std::array<char, 8> time{};
    std::snprintf(time.data(), time.size(), "%02d:%02d", of_day / 60 % 24, of_day % 60);
    text += (text.empty() ? "" : ",") + std::string(time.data());
  }
  return text;
}

}  // namespace

Result<WeeklyTimes> WeeklyTimes::read(const std::vector<std::string>& texts) {
  if (texts.empty()) return fail(ErrorKind::malformed, "the list is empty");
  WeeklyTimes times;
  for (const std::string& text : texts) {
    if (auto taken = take_times(text, times.minutes_); !taken) return forward(taken);
    if (times.minutes_.size() > kTimesMax) {
      return fail(ErrorKind::malformed,
                  "has more than " + std::to_string(kTimesMax) + " times in a week");
    }
  }
  std::ranges::sort(times.minutes_);
  times.minutes_.erase(std::unique(times.minutes_.begin(), times.minutes_.end()),
                       times.minutes_.end());
  return times;
}

std::string to_string(const WeeklyTimes& times) {
  std::string text;
  for (std::size_t day = 0; day < kDays.size();) {
    const std::string here = times_of_day(times.minutes(), day);
    std::size_t last = day;
    while (last + 1 < kDays.size() && times_of_day(times.minutes(), last + 1) == here) ++last;
    if (!here.empty()) {
      if (!text.empty()) text += ", ";
      const bool every_day = day == 0 && last + 1 == kDays.size();
      if (!every_day) text += kDays[day];
      if (!every_day && last > day) text += "-" + std::string(kDays[last]);
      text += (every_day ? "" : " ") + here;
    }
    day = last + 1;
  }
  return text;
}

}  // namespace walpulse::rules
