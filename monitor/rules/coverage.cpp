#include "monitor/rules/coverage.h"

#include <algorithm>
#include <utility>

namespace walpulse::rules {
namespace {

bool lets_in(const NamePattern& pattern, const std::string& name) {
  Captures unused;
  return pattern.matches(name, unused);
}

bool has_label(const KnownPipeline& known, const std::string& label, const NamePattern& pattern) {
  if (known.crowded_labels.contains(label)) return true;  // who knows
  const auto values = known.labels.find(label);
  return values != known.labels.end() && std::ranges::any_of(values->second, [&](const auto& each) {
           return lets_in(pattern, each.first);
         });
}

bool is_about(const SubjectPattern& table, const KnownPipeline& known) {
  if (table.match && !lets_in(*table.match, known.pipeline)) return false;
  if (table.source && !lets_in(*table.source, known.source)) return false;
  const auto fits = [&](const std::string& name) { return lets_in(*table.trigger, name); };
  if (table.trigger && std::ranges::none_of(known.triggers, fits)) return false;
  return std::ranges::all_of(
      table.labels, [&](const auto& label) { return has_label(known, label.first, label.second); });
}

}  // namespace

Coverage coverage_of(const Rules& rules, std::span<const KnownPipeline> pipelines) {
  Coverage coverage;
  std::vector<bool> matched(pipelines.size());
  const auto count = [&](const SubjectPattern& about, Place place, bool describes) {
    if (!about.names_something()) return;
    TableCoverage& counted = coverage.tables.emplace_back(TableCoverage{place, 0});
    for (std::size_t i = 0; i < pipelines.size(); ++i) {
      if (!is_about(about, pipelines[i])) continue;
      ++counted.matched;
      if (describes) matched[i] = true;
    }
  };
  for (const RuleTable& table : rules.tables) count(table.about, table.place, true);
  for (const NotifyRule& notify : rules.notifies) count(notify.about, notify.place, false);
  for (const QuietRule& quiet : rules.quiets) count(quiet.about, quiet.place, false);
  for (const AfterRule& after : rules.afters) count(after.about, after.place, false);
  std::ranges::stable_sort(coverage.tables, {}, [](const TableCoverage& each) {
    return std::pair(each.place.file, each.place.line);
  });
  for (std::size_t i = 0; i < pipelines.size(); ++i) {
    if (!matched[i]) coverage.unmatched.push_back(pipelines[i].pipeline);
  }
  return coverage;
}

}  // namespace walpulse::rules
