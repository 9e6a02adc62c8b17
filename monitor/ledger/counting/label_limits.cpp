#include "monitor/ledger/counting/label_limits.h"

namespace walpulse::monitor {

void LabelLimits::begin(bool rolled_back) {
  current_.clear();
  claimed_.clear();
  if (rolled_back) known_.clear();
}

std::size_t LabelLimits::values_max(const std::string& label) const {
  if (label == "pipeline") return pipelines_max_;
  return label == kBlockPair ? blocks_max_ : values_max_;
}

bool LabelLimits::knows(Transaction& transaction, const std::string& label,
                        const std::string& value) {
  auto& known = known_[label];
  if (known.contains(value)) return true;
  // Another instance may have taken it in meanwhile.
  if (!current_.insert(label).second) return false;
  const auto values = transaction.labels().values(label);
  known = {values.begin(), values.end()};
  return known.contains(value);
}

bool LabelLimits::admit(Transaction& transaction, const std::string& label,
                        const std::string& value) {
  if (knows(transaction, label, value)) return true;
  auto& known = known_[label];
  // The last place goes to one value, whichever instance meets it.
  if (claimed_.insert(label).second) {
    transaction.claim(Claim::labels);
    for (const std::string& known_there : transaction.labels().values(label))
      known.insert(known_there);
    if (known.contains(value)) return true;
  }
  if (known.size() >= values_max(label)) return false;
  known.insert(value);
  transaction.labels().add(label, value);
  return true;
}

}  // namespace walpulse::monitor
