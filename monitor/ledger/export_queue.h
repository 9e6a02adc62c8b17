#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// One point to be written to a metrics service, and which series of the ledger it is.
struct DuePoint {
  std::int64_t series = 0;
  const telemetry::Descriptor* descriptor = nullptr;
  telemetry::Point point;
  std::uint64_t version = 0;  ///< The ledger's own: which state of the series this is.
};
struct Export {
  /// The lease's generation under which it was begun; zero where another instance leads.
  std::uint64_t lease = 0;
  /// From when on another instance may write, so that this one must not: later while the lead is
  /// prolonged. Empty: no bound. Thread-safe; the ledger must outlive it.
  std::function<std::chrono::steady_clock::time_point()> write_until;
  Timestamp end;  ///< Later than every end before it, but for one far in the future.
  std::vector<DuePoint> points;
};
/// What became of a DuePoint: empty = written, else the reason ("out_of_order", "refused", ...).
using ExportResult = std::string;

/// What is to be written to a metrics service. The leader's alone.
class ExportQueue {
 public:
  virtual ~ExportQueue() = default;
  /// The points that are due: changed series, the rest every 10 minutes, `flow/*` always; none
  /// within `export_gap_min` of the last export, whoever made it.
  virtual Result<Export> begin_export(Timestamp now) = 0;
  /// Records what became of each point; only written ones count as exported. Cancelled where
  /// another instance has taken the lead since: then none does.
  virtual Result<void> finish_export(const Export& done, std::span<const ExportResult> results) = 0;
};

}  // namespace walpulse::monitor
