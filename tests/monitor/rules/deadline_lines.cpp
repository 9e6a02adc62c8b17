#include <iostream>
#include <string>

#include "monitor/rules/deadline.h"

// Reads lines of "ZONE SECONDS TIMES" and answers each with "PREVIOUS NEXT", all in seconds since
// 1970: deadlines.py compares them with Python's own time zones.

int main() {
  using namespace walpulse;
  std::string zone_name;
  std::int64_t second = 0;
  for (std::string times; std::cin >> zone_name >> second && std::getline(std::cin, times);) {
    const auto zone = rules::TimeZone::named(zone_name);
    const auto weekly = rules::WeeklyTimes::read({times.substr(1)});
    if (!zone || !weekly) {
      std::cout << to_string(zone ? weekly.error() : zone.error()) << '\n';
      continue;
    }
    const Timestamp instant{std::chrono::seconds(second)};
    const auto in_seconds = [](Timestamp deadline) {
      return std::chrono::floor<std::chrono::seconds>(deadline).time_since_epoch().count();
    };
    std::cout << in_seconds(previous_deadline(*weekly, *zone, instant)) << ' '
              << in_seconds(next_deadline(*weekly, *zone, instant)) << '\n';
  }
  return 0;
}
