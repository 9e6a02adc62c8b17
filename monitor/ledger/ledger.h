#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/schema/attributes.h"
#include "decoder/schema/result.h"
#include "decoder/schema/timestamp.h"
#include "publisher/gcp/metric.h"

namespace walpulse::monitor {

/// A message as it came in, by push or pull.
struct Incoming {
  std::string data;
  schema::Attributes attributes;
  std::string message_id;
};

enum class Outcome : std::uint8_t {
  applied,    ///< It said something new.
  unchanged,  ///< Known already: a duplicate, a redelivery, a replay.
  pruned,     ///< Below what the ledger still remembers; counts nothing.
  invalid,    ///< Not an event of this contract; kept among the rejected.
  conflict,   ///< From a restored database whose epoch was not raised; kept among the rejected.
  deferred,   ///< A schema version that this build does not know: not acknowledged, comes again.
};
std::string_view to_string(Outcome outcome);

/// Something that a metric cannot say: which run it was.
struct Notice {
  enum class Kind { failed, sla_missed, conflict };
  Kind kind = Kind::failed;
  std::string source;  ///< "mage/public.pipeline_run".
  std::int64_t run_id = 0;
  gcp::Labels labels;            ///< pipeline, trigger and those taken from `variables`.
  double duration_seconds = -1;  ///< Negative: unknown.
  Timestamp at;
};

struct Applied {
  std::vector<Outcome> outcomes;  ///< Parallel to the group, or to its start: the rest failed.
  std::vector<Notice> notices;
};

/// One point to be written to a metrics service, and which series of the ledger it is.
struct DuePoint {
  std::int64_t series = 0;
  const gcp::Descriptor* descriptor = nullptr;
  gcp::Point point;
  std::uint64_t version = 0;  ///< The ledger's own: which state of the series this is.
};
struct Export {
  Timestamp end;  ///< Later than every end before it, but for one far in the future.
  std::vector<DuePoint> points;
};
/// What became of a DuePoint: empty = written, else the reason ("out_of_order", "refused", ...).
using ExportResult = std::string;

/// The timelines of all runs and the series counted from them (DESIGN, section 6). All calls are
/// thread-safe; each is one durable transaction, or an Error (unavailable) and no effect at all.
class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Applies a group. A group that one message poisons is bisected, so that an Error means that the
  /// storage is down, never that a message is bad. `now` is the monitor's clock.
  virtual Result<Applied> apply(std::span<const Incoming> group, Timestamp now) = 0;
  /// Every series and gauge as of `now`.
  virtual Result<gcp::Snapshot> snapshot(Timestamp now) = 0;
  /// The points that are due: changed series, the rest every 10 minutes, `flow/*` always.
  virtual Result<Export> begin_export(Timestamp now) = 0;
  /// Records what became of each point; only written ones count as exported.
  virtual Result<void> finish_export(const Export& done, std::span<const ExportResult> results) = 0;
  /// A cheap write-and-read: does the storage answer?
  virtual Result<void> check() = 0;
};

}  // namespace walpulse::monitor
