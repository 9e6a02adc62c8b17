#include "monitor/watch/rule_words.h"

namespace walpulse::monitor {

void add_concerned(Evidence& evidence, const rules::Policy& policy) {
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) evidence.emplace_back(name, value);
  };
  add("team", policy.team.value);
  add("owner", policy.owner.value);
  add("runbook", policy.runbook.value);
}

TimeLimit limit_of(const std::optional<rules::Duration>& duration) {
  if (!duration) return std::nullopt;
  return *duration;
}

}  // namespace walpulse::monitor
