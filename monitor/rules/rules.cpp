#include "monitor/rules/rules.h"

#include <algorithm>

namespace walpulse::rules {
namespace {

bool matches(const std::optional<NamePattern>& pattern, const std::optional<std::string>& name,
             Captures& captures) {
  return !pattern || (name && pattern->matches(*name, captures));
}

bool matches(const RuleTable& table, const Subject& subject, Captures& captures) {
  if (table.match && !table.match->matches(subject.pipeline, captures)) return false;
  if (!matches(table.source, subject.source, captures)) return false;
  if (!matches(table.trigger, subject.trigger, captures)) return false;
  return std::ranges::all_of(table.labels, [&](const auto& label) {
    const auto found = subject.labels.find(label.first);
    return found != subject.labels.end() && label.second.matches(found->second, captures);
  });
}

}  // namespace

Policy policy_of(const Rules& rules, const Subject& subject) {
  Policy policy;
  Captures captures;
  for (const RuleTable& table : rules.tables) {
    captures.assign(1, {"pipeline", subject.pipeline});
    if (!matches(table, subject, captures)) continue;
    for (const Assignment& each : table.assignments) {
      each.key->apply(each.value, each.label, captures, each.place, policy);
    }
  }
  reconcile(policy);
  return policy;
}

std::string to_string(const Rules& rules, Place place) {
  if (place.line == 0) return "default";
  return rules.files.at(place.file) + ":" + std::to_string(place.line);
}

}  // namespace walpulse::rules
