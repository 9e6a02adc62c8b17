#pragma once

#include <string>

#include "monitor/ledger/label_limits.h"
#include "monitor/ledger/series_changes.h"
#include "publisher/gcp/metric.h"

namespace walpulse::monitor {

/// Labels as they may be shown. Each value that had to be folded is counted for `source`.
class FoldedLabels {
 public:
  FoldedLabels(Storage& storage, LabelLimits& limits, SeriesChanges& changes)
      : storage_(storage), limits_(limits), changes_(changes) {}

  gcp::Labels fold(gcp::Labels labels, const std::string& source);
  /// Takes the value in ahead of a gauge that will show it.
  void admit(const std::string& label, const std::string& value, const std::string& source);

 private:
  Storage& storage_;
  LabelLimits& limits_;
  SeriesChanges& changes_;
};

}  // namespace walpulse::monitor
