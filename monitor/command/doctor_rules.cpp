#include "monitor/command/doctor_rules.h"

#include "monitor/command/rules_check.h"
#include "monitor/rules/expectations.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {

std::vector<doctor::Check> check_rules_file(const std::string& path) {
  if (path.empty()) return {};
  const auto loaded = rules::rules_in_order(rules::read_files(path));
  if (loaded) return {doctor::ok("rules", path + ": " + summary_of(loaded->rules) + ", in order")};
  const rules::Mistakes& mistakes = loaded.error();
  std::string finding = counted(mistakes.size(), "mistake") +
                        ", serve would not start: " + to_string(mistakes.front());
  return {{"rules", doctor::Check::Level::fail, std::move(finding),
           doctor::ShellCommand("walpulse-monitor rules check").word(path).text()}};
}

}  // namespace walpulse::monitor
