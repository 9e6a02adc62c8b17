#include "monitor/ledger/folded_labels.h"

#include "monitor/ledger/catalogue.h"

namespace walpulse::monitor {

gcp::Labels FoldedLabels::fold(gcp::Labels labels, const std::string& source) {
  for (auto& [label, value] : labels) {
    if (limits_.admit(storage_, label, value)) continue;
    changes_.count(catalogue().overflow_count, source, {{"label", label}});
    value = kOther;
  }
  return labels;
}

void FoldedLabels::admit(const std::string& label, const std::string& value,
                         const std::string& source) {
  if (!limits_.admit(storage_, label, value))
    changes_.count(catalogue().overflow_count, source, {{"label", label}});
}

}  // namespace walpulse::monitor
