#include "monitor/watch/mixed_ends.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "decoder/mage/tables.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/watch/fact_reader.h"

namespace walpulse::monitor {
namespace {

struct Value {
  std::optional<End> success;
  std::uint64_t failures = 0;  ///< Behind it.
};
using Values = std::map<std::string, Value>;

std::map<std::string, Values> values_of(const PipelineFacts& facts) {
  std::map<std::string, Values> labels;
  for (const LabelledEnd& each : facts.successes)
    for (const auto& [label, value] : each.labels) {
      auto& success = labels[label][value].success;
      success = std::max(success, std::optional(each.end));
    }
  for (const LabelledFailures& each : facts.failures)
    for (const auto& [label, value] : each.labels) {
      Value& of = labels[label][value];
      if (!of.success || *of.success < each.last) of.failures += each.count;
    }
  return labels;
}

/// Of the runs that succeeded: where none of a label's values does, none hides another.
std::set<std::string> label_names(RunStore& runs, const PipelineVersion& pipeline) {
  std::set<std::string> names;
  for (const GroupSuccess& each : runs.group_successes(pipeline.source, pipeline.pipeline))
    for (const auto& [label, value] : decode_labels(each.labels).value_or(telemetry::Labels{}))
      names.insert(label);
  return names;
}

bool tells_apart(const rules::Rules& rules, const MixedEnds& mixed) {
  const rules::Policy policy =
      rules::policy_of(rules, {mixed.pipeline, mixed.source, std::nullopt, {}});
  return policy.ignore.value || std::ranges::count(policy.per.value, mixed.label) > 0;
}

}  // namespace

std::vector<MixedEnds> mixed_ends(const PipelineFacts& facts) {
  std::vector<MixedEnds> found;
  for (const auto& [label, values] : values_of(facts)) {
    const auto worst = std::ranges::max_element(
        values, {}, [](const Values::value_type& each) { return each.second.failures; });
    const auto fine = std::ranges::find_if(values, [](const Values::value_type& each) {
      return each.second.success && each.second.failures == 0;
    });
    if (worst->second.failures < kMixedFailuresMin || fine == values.end()) continue;
    found.push_back(
        {facts.source, facts.pipeline, label, worst->first, worst->second.failures, fine->first});
  }
  return found;
}

std::vector<MixedEnds> mixed_ends(Transaction& in, const Context& context,
                                  const rules::Rules& rules) {
  std::vector<MixedEnds> found;
  FactReader reader(in);
  for (const PipelineVersion& pipeline : in.runs().versions()) {
    const auto table = std::ranges::find(context.sources, pipeline.source, &SourceRow::id);
    if (table == context.sources.end()) continue;
    // Behind which success failures count is another question for each label.
    for (const std::string& label : label_names(in.runs(), pipeline)) {
      const PipelineWanted apart{&pipeline, {true, {label}, std::nullopt, {}}};
      const auto facts = reader.pipelines(*table, {&apart, 1}, TriggersOfTable{});
      for (MixedEnds& mixed : mixed_ends(facts.front()))
        if (mixed.label == label && !tells_apart(rules, mixed)) found.push_back(std::move(mixed));
    }
  }
  return found;
}

}  // namespace walpulse::monitor
