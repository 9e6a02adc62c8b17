// Answers for lines `expression<TAB>seconds since 1970`: `next<TAB>previous`, in seconds, `none`
// for an instant that does not exist, and `refused` for an expression that is not taken. For
// tests_integration/monitor/test_cron.py, which asks croniter the same.

#include <charconv>
#include <iostream>
#include <optional>
#include <string>

#include "monitor/schedule/cron.h"

namespace {

std::string shown(std::optional<walpulse::Timestamp> instant) {
  if (!instant) return "none";
  return std::to_string(
      std::chrono::floor<std::chrono::seconds>(*instant).time_since_epoch().count());
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.rfind('\t');
    long long seconds = 0;
    if (tab == std::string::npos ||
        std::from_chars(line.data() + tab + 1, line.data() + line.size(), seconds).ec !=
            std::errc())
      return 1;
    const walpulse::Timestamp instant{std::chrono::seconds(seconds)};
    const auto cron = walpulse::monitor::CronExpression::parse(line.substr(0, tab));
    if (cron)
      std::cout << shown(cron->next(instant)) << '\t' << shown(cron->previous(instant)) << '\n';
    else
      std::cout << "refused\n";
  }
}
