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

void add_limit(Evidence& evidence, const rules::Rules& rules,
               const rules::Placed<std::optional<rules::Duration>>& limit) {
  if (!limit.value) return;
  evidence.emplace_back("limit", rules::to_string(*limit.value));
  if (limit.place.line != 0) evidence.emplace_back("rule", rules::to_string(rules, limit.place));
}

TimeLimit limit_of(const std::optional<rules::Duration>& duration) {
  if (!duration) return std::nullopt;
  return *duration;
}

}  // namespace walpulse::monitor
