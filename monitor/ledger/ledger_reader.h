#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/mage/block_run.h"
#include "decoder/mage/pipeline_schedule.h"
#include "monitor/ledger/stores/mutes.h"
#include "monitor/problems/problem.h"
#include "monitor/schedule/trigger.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

class Transaction;
struct Context;

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

/// A trigger as it stands.
struct KnownTrigger {
  std::int64_t source_id = 0;  ///< Of its table: SourceRow::id.
  std::string source;          ///< The source's name.
  std::string table;           ///< "public.pipeline_schedule".
  mage::PipelineSchedule trigger;
  Trigger expectation;  ///< With since when it is known to expect it.
  Timestamp since;      ///< When its newest change committed.
};

/// One block of a run as it stands.
struct KnownBlock {
  mage::BlockRun block;
  Timestamp since;  ///< When its newest change committed.
};
/// What needs a person, and what did of late.
struct KnownProblems {
  std::vector<Problem> open;    ///< In the order in which they were opened.
  std::vector<Problem> closed;  ///< The last closed first.
  /// Those that nobody and nothing has ended, the newest first; time may have run out since.
  std::vector<Mute> mutes = {};
};

/// More blocks of a run than this are not shown.
inline constexpr std::size_t kBlocksShownMax = 1000;

/// What whoever shows the ledger asks of it. Each call is one consistent picture, which has all
/// that was applied before; where the storage allows it, nothing that is applied waits for it.
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;
  /// Every series and gauge as of `now`.
  virtual Result<telemetry::MetricFamilies> snapshot(Timestamp now) = 0;
  /// The epochs that the ledger has heard of.
  virtual Result<std::vector<KnownEpoch>> epochs() = 0;
  /// The triggers that are there, of all sources.
  virtual Result<std::vector<KnownTrigger>> triggers() = 0;
  /// The blocks of the run `run` of the source of this name that are there: those first that failed
  /// at some time, else by id. Empty where blocks are not captured.
  virtual Result<std::vector<KnownBlock>> blocks(const std::string& source, std::int64_t run) = 0;
  using Look = std::function<void(Transaction& in, const Context& context)>;
  /// One consistent picture, which `work` only reads: for whoever asks more than the calls here
  /// say. `work` may be called again where the storage failed.
  virtual Result<void> look(const Look& work) = 0;
  /// The same of a picture that may be there from a look before. It has all that this process has
  /// written, and what others had written `age_max` ago; Context::read says since when it is. For
  /// many small questions: a picture costs more than most of them.
  virtual Result<void> look_lately(const Look& work, std::chrono::milliseconds age_max) {
    static_cast<void>(age_max);
    return look(work);
  }
  /// Lets go of pictures that nobody looks at: until then the storage keeps what they show.
  virtual void end_pictures() {}
  /// The problems that are open, and the newest `closed_max` of those that are over.
  virtual Result<KnownProblems> problems(std::size_t closed_max) = 0;
};

}  // namespace walpulse::monitor
