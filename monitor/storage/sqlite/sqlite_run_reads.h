#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/stores/runs.h"
#include "monitor/storage/sqlite/sqlite_database.h"

/// What RunStore is asked of one pipeline or trigger; each as the function of its name there.
namespace walpulse::monitor {

std::vector<PipelineVersion> read_versions(SqliteDatabase& database);
std::optional<End> read_last_success(SqliteDatabase& database, std::int64_t source,
                                     const std::string& pipeline);
FailedRuns read_failed_behind(SqliteDatabase& database, std::int64_t source,
                              const std::string& pipeline,
                              const std::optional<schema::Position>& after);
std::vector<FailedRuns> read_group_failures(SqliteDatabase& database, std::int64_t source,
                                            const std::string& pipeline, const GroupBound& behind);
std::vector<GroupSuccess> read_group_successes(SqliteDatabase& database, std::int64_t source,
                                               const std::string& pipeline);
std::vector<std::string> read_completed_after(SqliteDatabase& database, std::int64_t source,
                                              const std::string& pipeline, Timestamp instant);
std::vector<RunKey> read_active_of(SqliteDatabase& database, std::int64_t source,
                                   const std::string& pipeline);
std::vector<SlotRun> read_slots(SqliteDatabase& database, std::int64_t source,
                                std::int64_t schedule, Timestamp from, Timestamp before,
                                std::size_t count_max);
std::vector<RunEnd> read_ends_of(SqliteDatabase& database, std::int64_t source,
                                 const std::string& pipeline, const EndsBefore& before,
                                 Timestamp from, std::size_t count_max);
std::vector<RunEnd> read_ends(SqliteDatabase& database, const EndsBefore& before, Timestamp from,
                              std::size_t count_max);
std::vector<std::int64_t> read_newest_runs(SqliteDatabase& database, std::int64_t source,
                                           const std::string& pipeline, std::size_t count,
                                           std::size_t groups_max);

}  // namespace walpulse::monitor
