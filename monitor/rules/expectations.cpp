#include "monitor/rules/expectations.h"

#include <algorithm>

#include "monitor/rules/routes.h"

namespace walpulse::rules {
namespace {

/// A key without a row has no value; expect_each has that of its first label.
PolicyRow row_of(const std::vector<PolicyRow>& rows, const std::string& key) {
  const auto found = std::ranges::find_if(
      rows, [&](const PolicyRow& row) { return row.key == key || row.key.starts_with(key + "."); });
  return found == rows.end() ? PolicyRow{key, "off", {}} : *found;
}

/// "data, oncall", whatever their order; "off" for nobody.
std::string names_of(Names names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? std::string(kOff) : text;
}

Names channels_of(const std::vector<Route>& routes) {
  Names names;
  names.reserve(routes.size());
  for (const Route& route : routes) names.push_back(route.channel);
  return names;
}

}  // namespace

std::vector<Disappointment> disappointments(const Rules& rules) {
  std::vector<Disappointment> found;
  for (const Expectation& expectation : rules.expectations) {
    const Subject& subject = expectation.subject;
    const Policy policy = policy_of(rules, subject);
    const auto rows = rows_of(policy);
    for (const Assignment& each : expectation.assignments) {
      Policy wanted;
      each.key->apply(each.value, each.label, {{"pipeline", subject.pipeline}}, each.place, wanted);
      const std::string key =
          std::string(each.key->name) + (each.label.empty() ? "" : "." + each.label);
      const PolicyRow expected = row_of(rows_of(wanted), key);
      const PolicyRow got = row_of(rows, key);
      if (expected.value == got.value) continue;
      found.push_back({each.place, subject.pipeline, key, expected.value, got.value, got.place});
    }
    if (!expectation.to) continue;
    const auto routes =
        routes_of(rules, subject, policy, policy.severity.value, name_of(expectation.when));
    const std::string expected = names_of(expectation.to->value);
    const std::string got = names_of(channels_of(routes));
    if (expected == got) continue;
    found.push_back({expectation.to->place, subject.pipeline, "to", expected, got,
                     routes.empty() ? Place() : routes.front().place});
  }
  return found;
}

Mistake mistake_of(const Rules& rules, const Disappointment& disappointment) {
  const auto& [place, pipeline, key, expected, got, got_from] = disappointment;
  return {rules.files.at(place.file), place.line, "[[expect]] " + in_quotes(pipeline),
          key + " is " + got + " (" + to_string(rules, got_from) + "), expected " + expected, ""};
}

tl::expected<LoadedRules, Mistakes> rules_in_order(const RulesFiles& files) {
  auto loaded = rules_in(files);
  if (!loaded) return loaded;
  MistakeList unmet;
  for (const Disappointment& each : disappointments(loaded->rules)) {
    unmet.add(mistake_of(loaded->rules, each));
  }
  if (!unmet.empty()) return tl::unexpected(std::move(unmet).take());
  return loaded;
}

}  // namespace walpulse::rules
