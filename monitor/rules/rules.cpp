#include "monitor/rules/rules.h"

namespace walpulse::rules {
Policy policy_of(const Rules& rules, const Subject& subject) {
  Policy policy;
  Captures captures;
  for (const std::size_t i : rules.table_index.candidates(subject.pipeline)) {
    const RuleTable& table = rules.tables[i];
    captures.assign(1, {"pipeline", subject.pipeline});
    if (!table.about.matches(subject, captures)) continue;
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
