#pragma once

#include <string>
#include <vector>

#include "monitor/ledger/counting/label_limits.h"
#include "monitor/ledger/counting/series_changes.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// Labels as they may be shown.
struct Folded {
  telemetry::Labels labels;
  std::vector<std::string> beyond;  ///< The names of those whose value had to be folded.
};

/// Asks the limits for leave within one transaction.
class FoldedLabels {
 public:
  FoldedLabels(Transaction& transaction, LabelLimits& limits, SeriesChanges& changes)
      : transaction_(transaction), limits_(limits), changes_(changes) {}

  /// Every observation under the labels `beyond` is to be counted as overflow.
  Folded fold(const telemetry::Labels& labels);
  /// `pipeline` and `block`. A block's name says nothing without its pipeline: pairs are limited.
  Folded fold_block(const std::string& pipeline, const std::string& block);
  /// Takes the value in ahead of a gauge that will show it; counts it for `source` where it had to
  /// be folded.
  void admit(const std::string& label, const std::string& value, const std::string& source);

 private:
  Transaction& transaction_;
  LabelLimits& limits_;
  SeriesChanges& changes_;
};

}  // namespace walpulse::monitor
