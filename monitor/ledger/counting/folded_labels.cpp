#include "monitor/ledger/counting/folded_labels.h"

#include "monitor/ledger/counting/metric_descriptors.h"

namespace walpulse::monitor {

Folded FoldedLabels::fold(const telemetry::Labels& labels) {
  Folded folded{labels, {}};
  for (auto& [label, value] : folded.labels) {
    if (limits_.admit(transaction_, label, value)) continue;
    folded.beyond.push_back(label);
    value = kOther;
  }
  return folded;
}

Folded FoldedLabels::fold_block(const std::string& pipeline, const std::string& block) {
  Folded folded = fold({{"pipeline", pipeline}});
  const std::string& shown = folded.labels.at("pipeline");
  const bool fits = limits_.admit(transaction_, std::string(kBlockPair), shown + '/' + block);
  if (!fits) folded.beyond.emplace_back("block");
  folded.labels["block"] = fits ? block : std::string(kOther);
  return folded;
}

void FoldedLabels::admit(const std::string& label, const std::string& value,
                         const std::string& source) {
  if (!limits_.admit(transaction_, label, value))
    changes_.count(metric_descriptors().overflow_count, source, {{"label", label}});
}

}  // namespace walpulse::monitor
