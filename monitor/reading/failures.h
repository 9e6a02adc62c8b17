#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "monitor/ledger/application/failure_cause.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor::reading {

/// A run's timeline with what ended its row in it; empty where nothing is known of it.
Timeline timeline_of(const Context& context, const StoredRun& stored);

/// Why runs failed last, each as its blocks stood then. Runs that are not known, or never failed,
/// are left out. Only reads: two queries a table, however many runs.
std::map<RunKey, Failure> read_failures(Transaction& in, const Context& context,
                                        std::span<const StoredRun> runs);

/// How often runs failed for the same reason.
struct FailureGroup {
  Failure failure;  ///< Without its error.
  std::size_t count = 0;
  std::int64_t last_run = 0;
  std::vector<Timestamp> at;  ///< Their ends, the newest first.
};
struct FailureGroups {
  std::size_t looked_at = 0;
  std::optional<Timestamp> from;     ///< The oldest failure that was looked at.
  std::vector<FailureGroup> groups;  ///< The most frequent first.
};
/// So many failed runs of a pipeline are asked why.
inline constexpr std::size_t kFailuresAskedMax = 50;
/// They are looked for among so many of its newest ends.
inline constexpr std::size_t kEndsLookedAtMax = 2'000;
/// Of the newest failed runs of a pipeline.
FailureGroups read_failure_groups(Transaction& in, const Context& context, std::int64_t table,
                                  const std::string& pipeline);

}  // namespace walpulse::monitor::reading
