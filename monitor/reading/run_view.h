#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ledger/timeline/run_summary.h"
#include "monitor/reading/pipeline_directory.h"

namespace walpulse::monitor::reading {

/// A run as it stands: its newest life, and what is known beside it.
struct RunView {
  RunSummary run;
  std::string source;
  std::string trigger_name;  ///< Empty: it has none, or it is gone.

  bool orphaned() const { return run.active && run.status == kOrphaned; }
  /// "trigger", "backfill", "manual".
  std::string_view made_by() const {
    return run.backfill ? "backfill" : run.schedule ? "trigger" : "manual";
  }
};

/// Nothing where no row of it was ever seen.
std::optional<RunView> run_view(const StoredRun& stored, const Context& context,
                                const Directory& directory);

/// By when they started, those that did not last; nothing where blocks are not captured.
std::optional<std::vector<KnownBlock>> run_blocks(Transaction& in, const Context& context,
                                                  const RunKey& run);

/// The run of this number of a source: of several tables the one whose run changed last. Nothing
/// where there is none.
std::optional<StoredRun> find_run(Transaction& in, const Context& context,
                                  const std::string& source, std::int64_t run);

/// The pipeline's last run that completed before `run` ended, or that completed at all where it
/// goes on: one of the same labels where there is one among the newest ends, else any.
std::optional<StoredRun> last_success_before(Transaction& in, const RunView& run);

}  // namespace walpulse::monitor::reading
