#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "monitor/ledger/stores/runs.h"
#include "monitor/storage/postgres/postgres_database.h"

/// What RunStore is asked of pipelines or triggers; each as the function of its name there, and
/// where it takes many, parallel to them.
namespace walpulse::monitor {

std::vector<PipelineVersion> read_versions(PostgresDatabase& database);
std::vector<PipelineStanding> read_standings(PostgresDatabase& database, std::int64_t source,
                                             std::span<const std::string> pipelines);
std::vector<std::optional<End>> read_last_successes(PostgresDatabase& database, std::int64_t source,
                                                    std::span<const std::string> pipelines);
std::vector<FailedRuns> read_failed_behind(PostgresDatabase& database, std::int64_t source,
                                           std::span<const std::string> pipelines,
                                           std::span<const std::optional<schema::Position>> after);
std::vector<FailedRuns> read_group_failures(PostgresDatabase& database, std::int64_t source,
                                            const std::string& pipeline, const GroupBound& behind);
std::vector<GroupSuccess> read_group_successes(PostgresDatabase& database, std::int64_t source,
                                               const std::string& pipeline);
std::vector<std::string> read_completed_after(PostgresDatabase& database, std::int64_t source,
                                              const std::string& pipeline, Timestamp instant);
std::vector<std::vector<RunKey>> read_active_of(PostgresDatabase& database, std::int64_t source,
                                                std::span<const std::string> pipelines);
std::vector<std::vector<SlotRun>> read_slots_of(PostgresDatabase& database, std::int64_t source,
                                                std::span<const SlotsWanted> triggers,
                                                std::size_t count_max);
std::vector<bool> read_have_failed(PostgresDatabase& database, std::int64_t source,
                                   std::span<const std::string> pipelines);
std::vector<std::vector<RunEnd>> read_ends_of(PostgresDatabase& database, std::int64_t source,
                                              std::span<const EndsWanted> pipelines, Timestamp from,
                                              std::size_t count_max);
std::vector<RunEnd> read_ends(PostgresDatabase& database, const EndsBefore& before, Timestamp from,
                              std::size_t count_max);
std::vector<std::int64_t> read_newest_runs(PostgresDatabase& database, std::int64_t source,
                                           const std::string& pipeline, std::size_t count,
                                           std::size_t groups_max);

}  // namespace walpulse::monitor
