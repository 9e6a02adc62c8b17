#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/schema/packed_attributes.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

struct Message;  // message.h: what a message says

/// A message as it came in, by push or pull.
struct ReceivedMessage {
  std::string data;
  schema::PackedAttributes attributes;
  std::string message_id;
  /// Where it was read already: whoever brings messages has more threads for that than the ledger.
  std::shared_ptr<const Message> read = nullptr;
};

enum class Outcome : std::uint8_t {
  applied,    ///< It said something new.
  unchanged,  ///< Known already: a duplicate, a redelivery, a replay.
  pruned,     ///< Below what the ledger still remembers; counts nothing.
  invalid,    ///< Not an event of this contract; kept among the rejected.
  conflict,   ///< From a restored database whose epoch was not raised; kept among the rejected.
  deferred,   ///< A schema version that this build does not know: not acknowledged, comes again.
  waits,      ///< Of an epoch that nobody has introduced yet: not acknowledged, comes again soon.
  ignored,    ///< A change of another table than one of runs.
  refused,    ///< Another history has the source's name; events are kept among the rejected.
};
inline constexpr std::size_t kOutcomes = 9;
std::string_view to_string(Outcome outcome);

/// Why a message whose outcome is `conflict`, or `refused`, was kept.
inline constexpr std::string_view kConflictReason =
    "conflict: the database was restored without `recover`";
std::string name_taken_reason(const std::string& name, std::uint64_t epoch);

/// Something that a metric cannot say: which run it was. Told at most once: a process that ends
/// between its transaction and the telling leaves it untold, and no redelivery tells it. The counts
/// are exact all the same.
struct RunAlert {
  enum class Kind { failed, sla_missed, orphaned, conflict, name_taken, late_event };
  Kind kind = Kind::failed;
  std::string source;  ///< "mage/public.pipeline_run".
  std::int64_t run_id = 0;
  telemetry::Labels labels;      ///< pipeline, trigger and those taken from `variables`.
  double duration_seconds = -1;  ///< Negative: unknown.
  Timestamp at;
  std::string traceparent = {};  ///< Of the message that said so; empty: none, or an older message.
  std::uint64_t epoch = 0;       ///< name_taken: which one was refused.
};

struct ApplyResult {
  std::vector<Outcome> outcomes;  ///< Parallel to the group, or to its start: the rest failed.
  std::vector<RunAlert> alerts;
  std::string rejected_for = {};  ///< Why the last that was kept among the rejected was.
};

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

/// Which of the instances that share a ledger leads: it alone exports, prunes and forwards.
struct Leadership {
  bool ours = false;
  std::string leader;  ///< Its name; empty while nobody ever led.
};

/// What a call of advance() did.
struct Advanced {
  std::vector<RunAlert> alerts;
  bool all = true;  ///< Nothing more is due.
};

struct Pruned {
  std::size_t run_count = 0;
  bool all_seen = false;  ///< The scan is through, and begins anew with the next call.
};

/// A message that was not applied.
struct RejectedMessage {
  std::int64_t id = 0;  ///< Rising.
  ReceivedMessage message;
  std::string reason;
};

/// One epoch of one table of a source.
struct KnownEpoch {
  std::string name;
  std::string table;
  std::uint64_t epoch = 0;
  std::string_view standing;  ///< "waits", "accepted", "refused", "conflicted".
  std::uint64_t system = 0;   ///< Zero: it was not said.
  std::string database;
  std::string publication;
  std::vector<std::uint64_t> follows;
  Timestamp newest;  ///< The greatest commit time seen of it.
};

/// What became of a rejected message that was applied again.
struct Redriven {
  std::int64_t id = 0;
  std::string message_id;
  Outcome outcome = Outcome::invalid;
  std::string reason;  ///< Why it stays among the rejected; empty: it was taken out.
};
struct RedrivenGroup {
  std::vector<Redriven> messages;  ///< Empty: there were no more.
  std::vector<RunAlert> alerts;
};

/// The timelines of all runs and the series counted from them (README.md is the rule in words). All
/// calls are thread-safe; each is one durable transaction, or an Error (unavailable) and no effect
/// at all. What is the leader's to do does nothing on the others.
class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Applies a group. A group that one message poisons is bisected, so that an Error means that the
  /// storage is down, never that a message is bad. `now` is the monitor's clock.
  virtual Result<ApplyResult> apply(std::span<const ReceivedMessage> group, Timestamp now) = 0;
  /// Every series and gauge as of `now`.
  virtual Result<telemetry::MetricFamilies> snapshot(Timestamp now) = 0;

  /// Takes the lead where nobody has it, or prolongs it: for `ttl` from before the call, by the
  /// steady clock. Without a later call the lead ends by then.
  virtual Result<Leadership> lead(std::chrono::milliseconds ttl) = 0;
  /// Gives the lead up, if it is ours.
  virtual Result<void> resign() = 0;
  /// As of the last lead(); does not ask the storage.
  virtual Leadership leadership() const = 0;

  /// The leader's: the points that are due: changed series, the rest every 10 minutes, `flow/*`
  /// always; none within `export_gap_min` of the last export, whoever made it.
  virtual Result<Export> begin_export(Timestamp now) = 0;
  /// Records what became of each point; only written ones count as exported. Cancelled where
  /// another instance has taken the lead since: then none does.
  virtual Result<void> finish_export(const Export& done, std::span<const ExportResult> results) = 0;

  /// The leader's: looks at the next runs, by turns at all, and removes those that nothing needs
  /// any more.
  virtual Result<Pruned> prune(Timestamp now) = 0;

  /// The leader's: the oldest rejected messages that were not forwarded yet, at most `count_max`.
  virtual Result<std::vector<RejectedMessage>> unforwarded(std::size_t count_max) = 0;
  virtual Result<void> mark_forwarded(std::span<const std::int64_t> ids) = 0;
  /// Applies the rejected messages that follow `after` again, at most `count_max`, and takes those
  /// that now fit out of the rejected in the same transaction. A dry run changes nothing.
  virtual Result<RedrivenGroup> redrive(std::int64_t after, std::size_t count_max, Timestamp now,
                                        bool dry_run) = 0;

  /// The epochs that the ledger has heard of.
  virtual Result<std::vector<KnownEpoch>> epochs() = 0;
  /// Has this epoch of every table of this name count, whoever else has the name; its rejected
  /// messages can be redriven then. How many tables that were.
  virtual Result<std::size_t> accept_epoch(const std::string& name, std::uint64_t epoch) = 0;

  /// What is pinned in the ledger by this name; `found` from now on where nothing is, or
  /// where `replace` says so. Whoever comes first decides for all.
  virtual Result<std::string> pin(const std::string& name, const std::string& found,
                                  bool replace = false) = 0;
  /// Empty where nothing is pinned.
  virtual Result<std::string> pinned(const std::string& name) = 0;

  /// Every instance's, every few seconds by its steady clock. Where any instance took messages, the
  /// leader's call moves the intake clock on by the time since it last moved, 10 s at most; then it
  /// counts what has settled by it.
  virtual Result<Advanced> advance(std::chrono::steady_clock::time_point now) = 0;

  /// A cheap write-and-read: does the storage answer?
  virtual Result<void> check() = 0;
};

}  // namespace walpulse::monitor
