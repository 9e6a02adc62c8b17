#include "monitor/rules/weekly_times.h"

#include <algorithm>

#include "monitor/rules/mistake.h"
#include "monitor/rules/week_words.h"

namespace walpulse::rules {
namespace {

tl::unexpected<Error> refuse_times(std::string_view text, const std::string& why) {
  return fail(ErrorKind::malformed, in_quotes(text) + " " + why);
}

Result<void> take_times(std::string_view text, std::vector<std::uint16_t>& minutes) {
  const auto words = split_at(text, ' ');
  if (text.empty() || words.size() > 2) {
    return refuse_times(text, "is not days and a time: DAYS HH:MM, or HH:MM for every day");
  }
  DaySet days{};
  days.fill(true);
  if (words.size() == 2) {
    const auto read = read_days(words.front());
    if (!read) return forward(read);
    days = *read;
  }
  for (const std::string_view part : split_at(words.back(), ',')) {
    const auto minute = minute_of_day(part);
    if (!minute) return refuse_times(part, "is not a time of day, HH:MM from 00:00 to 23:59");
    for (std::size_t day = 0; day < days.size(); ++day) {
      if (!days[day]) continue;
      minutes.push_back(static_cast<std::uint16_t>(day * kMinutesOfDay + *minute));
    }
  }
  return {};
}

std::string times_of_day(const std::vector<std::uint16_t>& minutes, std::size_t day) {
  std::string text;
  for (const std::uint16_t minute : minutes) {
    if (minute / kMinutesOfDay != day) continue;
    text += (text.empty() ? "" : ",") + time_of_day(minute % kMinutesOfDay);
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
