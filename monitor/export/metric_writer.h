#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "monitor/ledger/export_queue.h"

namespace walpulse::monitor {

/// Writes an export to a metrics service. One calling thread; health() from any.
class MetricWriter {
 public:
  virtual ~MetricWriter() = default;
  /// What became of each point, parallel to `exported.points`. Ends by `deadline`, and soon after
  /// `stop`; what was not tried by then is "cancelled".
  virtual std::vector<ExportResult> write(const Export& exported,
                                          std::chrono::steady_clock::time_point deadline,
                                          std::stop_token stop) = 0;
  /// Why the last write did not succeed as a whole; empty where it did.
  virtual std::string health() const = 0;
};

}  // namespace walpulse::monitor
