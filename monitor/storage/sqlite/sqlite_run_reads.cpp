#include "monitor/storage/sqlite/sqlite_run_reads.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "monitor/ledger/counting/pipeline_aggregates.h"
#include "monitor/storage/failure_groups.h"
#include "monitor/storage/newest_runs.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_end_columns.h"

namespace walpulse::monitor {
namespace {

/// Sorts before every position where there is none.
std::string position_bytes(const std::optional<schema::Position>& position) {
  return position ? encode_position(*position) : std::string();
}

/// Of a position's column and its time's.
std::optional<End> end_at(SqliteDatabase& database, const SqliteQuery& row, int column) {
  const auto position = decode_position(row.bytes(column));
  if (!position) {
    database.corrupt("position");
    return std::nullopt;
  }
  return End{*position, restored(row.number(column + 1))};
}

std::optional<std::int64_t> number_at(const SqliteQuery& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.number(column));
}

// An earlier build did not write when a run failed: since then it is there.
constexpr const char* kOldestFailedRun =
    "SELECT id, failed, coalesce(failed_time, since), labels, schedule FROM run WHERE source = ? "
    "AND pipeline = ? AND failed > ? ORDER BY failed, failed_time, id LIMIT 1";
constexpr const char* kNewestFailedRun =
    "SELECT id, failed, coalesce(failed_time, since), labels, schedule FROM run WHERE source = ? "
    "AND pipeline = ? AND failed > ? ORDER BY failed DESC, failed_time DESC, id DESC LIMIT 1";

std::optional<FailedRun> failed_run(SqliteDatabase& database, const char* sql, std::int64_t source,
                                    const std::string& pipeline, const std::string& behind) {
  auto row = database.query(sql);
  row.bind(source).bind_text(pipeline).bind_bytes(behind);
  if (!row.step()) return std::nullopt;
  const auto end = end_at(database, row, 1);
  if (!end) return std::nullopt;
  return FailedRun{row.number(0), *end, std::string(row.bytes(3)), number_at(row, 4)};
}

}  // namespace

std::vector<PipelineVersion> read_versions(SqliteDatabase& database) {
  std::vector<PipelineVersion> found;
  auto rows = database.query("SELECT source, name, changes, first_event, last_event FROM pipeline");
  while (rows.step()) {
    PipelineVersion& version = found.emplace_back();
    version.source = rows.number(0);
    version.pipeline = rows.bytes(1);
    version.changes = rows.number(2);
    if (!rows.is_null(3)) version.first_event = restored(rows.number(3));
    version.last_event = restored(rows.number(4));
  }
  return found;
}

std::optional<End> read_last_success(SqliteDatabase& database, std::int64_t source,
                                     const std::string& pipeline) {
  auto last = database.query(
      "SELECT success, success_time FROM run WHERE source = ? AND pipeline = ? "
      "AND success IS NOT NULL ORDER BY success DESC, success_time DESC LIMIT 1");
  last.bind(source).bind_text(pipeline);
  return last.step() ? end_at(database, last, 0) : std::nullopt;
}

FailedRuns read_failed_behind(SqliteDatabase& database, std::int64_t source,
                              const std::string& pipeline,
                              const std::optional<schema::Position>& after) {
  const std::string behind = position_bytes(after);
  FailedRuns found;
  {
    auto count =
        database.query("SELECT count(*) FROM run WHERE source = ? AND pipeline = ? AND failed > ?");
    count.bind(source).bind_text(pipeline).bind_bytes(behind);
    if (count.step()) found.count = static_cast<std::uint64_t>(count.number(0));
  }
  if (found.count == 0) return found;
  found.first = failed_run(database, kOldestFailedRun, source, pipeline, behind);
  found.last = failed_run(database, kNewestFailedRun, source, pipeline, behind);
  return found;
}

std::vector<FailedRuns> read_group_failures(SqliteDatabase& database, std::int64_t source,
                                            const std::string& pipeline, const GroupBound& behind) {
  FailureGroups groups(behind);
  auto rows = database.query(
      "SELECT id, failed, coalesce(failed_time, since), labels, schedule FROM run "
      "INDEXED BY run_failed WHERE source = ? AND pipeline = ? AND failed IS NOT NULL");
  rows.bind(source).bind_text(pipeline);
  while (rows.step())
    if (const auto end = end_at(database, rows, 1))
      groups.see({rows.bytes(3), number_at(rows, 4)}, *end, rows.number(0));
  return groups.groups();
}

/// The index gives them from the newest: the first of each group is its newest.
std::vector<GroupSuccess> read_group_successes(SqliteDatabase& database, std::int64_t source,
                                               const std::string& pipeline) {
  std::vector<GroupSuccess> found;
  std::unordered_set<PipelineAggregates::Group, PipelineAggregates::GroupHash,
                     PipelineAggregates::SameGroup>
      seen;
  auto rows = database.query(
      "SELECT success, success_time, labels, schedule FROM run WHERE source = ? AND pipeline = ? "
      "AND success IS NOT NULL ORDER BY success DESC, success_time DESC");
  rows.bind(source).bind_text(pipeline);
  while (rows.step()) {
    const PipelineAggregates::GroupView group(rows.bytes(2), number_at(rows, 3));
    if (seen.contains(group)) continue;
    const auto success = end_at(database, rows, 0);
    if (!success) break;
    seen.emplace(group.first, group.second);
    found.push_back({std::string(group.first), group.second, *success});
  }
  return found;
}

std::vector<std::string> read_completed_after(SqliteDatabase& database, std::int64_t source,
                                              const std::string& pipeline, Timestamp instant) {
  std::vector<std::string> found;
  auto rows = database.query(
      "SELECT DISTINCT coalesce(labels, X'') FROM run WHERE source = ? AND pipeline = ? "
      "AND success IS NOT NULL AND success_time > ? AND since > ?");
  rows.bind(source).bind_text(pipeline).bind(stored(instant)).bind(stored(instant));
  while (rows.step()) found.emplace_back(rows.bytes(0));
  return found;
}

std::vector<RunKey> read_active_of(SqliteDatabase& database, std::int64_t source,
                                   const std::string& pipeline) {
  std::vector<RunKey> found;
  // The planner would take the primary key: all runs of the source.
  auto rows = database.query(
      "SELECT id FROM run INDEXED BY run_active WHERE source = ? AND pipeline = ? AND active = 1");
  rows.bind(source).bind_text(pipeline);
  while (rows.step()) found.push_back({source, rows.number(0)});
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<SlotRun> read_slots(SqliteDatabase& database, std::int64_t source,
                                std::int64_t schedule, Timestamp from, Timestamp before,
                                std::size_t count_max) {
  std::vector<SlotRun> found;
  auto rows = database.query(
      "SELECT slot, id, success IS NOT NULL, failed IS NOT NULL FROM run WHERE source = ? "
      "AND schedule = ? AND slot >= ? AND slot < ? ORDER BY slot DESC, id DESC LIMIT ?");
  rows.bind(source).bind(schedule).bind(stored(from)).bind(stored(before));
  rows.bind(static_cast<std::int64_t>(count_max));
  while (rows.step())
    found.push_back(
        {restored(rows.number(0)), rows.number(1), rows.number(2) != 0, rows.number(3) != 0});
  return found;
}

namespace {

/// Of ended, source, id, pipeline, outcome, took, schedule and labels.
std::vector<RunEnd> run_ends(SqliteQuery& rows) {
  std::vector<RunEnd> found;
  TextPool texts;
  while (rows.step()) {
    RunEnd& end = found.emplace_back();
    end.ended = restored(rows.number(0));
    end.key = {rows.number(1), rows.number(2)};
    end.pipeline = texts.shared(rows.bytes(3));
    end.status = outcome_name(rows.number(4));
    if (!rows.is_null(5)) end.seconds = seconds_of(std::chrono::microseconds(rows.number(5)));
    end.schedule = number_at(rows, 6);
    end.labels = texts.shared(rows.bytes(7));
  }
  return found;
}

}  // namespace

std::vector<RunEnd> read_ends_of(SqliteDatabase& database, std::int64_t source,
                                 const std::string& pipeline, const EndsBefore& before,
                                 Timestamp from, std::size_t count_max) {
  auto rows = database.query(
      "SELECT ended, source, id, pipeline, outcome, took, schedule, labels FROM run "
      "INDEXED BY run_ended_of WHERE source = ? AND pipeline = ? AND ended IS NOT NULL "
      "AND (ended, id) < (?, ?) AND ended >= ? ORDER BY ended DESC, id DESC LIMIT ?");
  rows.bind(source).bind_text(pipeline).bind(stored(before.ended)).bind(before.key.run);
  rows.bind(stored(from)).bind(static_cast<std::int64_t>(count_max));
  return run_ends(rows);
}

std::vector<RunEnd> read_ends(SqliteDatabase& database, const EndsBefore& before, Timestamp from,
                              std::size_t count_max) {
  auto rows = database.query(
      "SELECT ended, source, id, pipeline, outcome, took, schedule, labels FROM run "
      "INDEXED BY run_ended WHERE ended IS NOT NULL AND (ended, source, id) < (?, ?, ?) "
      "AND ended >= ? ORDER BY ended DESC, source DESC, id DESC LIMIT ?");
  rows.bind(stored(before.ended)).bind(before.key.source).bind(before.key.run);
  rows.bind(stored(from)).bind(static_cast<std::int64_t>(count_max));
  return run_ends(rows);
}

/// Both indexes have all that is asked for.
std::vector<std::int64_t> read_newest_runs(SqliteDatabase& database, std::int64_t source,
                                           const std::string& pipeline, std::size_t count,
                                           std::size_t groups_max) {
  NewestRuns newest(count, groups_max);
  {
    auto rows = database.query(
        "SELECT id, labels, schedule FROM run INDEXED BY run_ended_of WHERE source = ? "
        "AND pipeline = ? AND ended IS NOT NULL ORDER BY ended DESC, id DESC");
    rows.bind(source).bind_text(pipeline);
    while (rows.step() && newest.see_end(rows.number(0), {rows.bytes(1), number_at(rows, 2)})) {
    }
  }
  auto rows = database.query(
      "SELECT id, labels, schedule FROM run INDEXED BY run_success WHERE source = ? "
      "AND pipeline = ? AND success IS NOT NULL ORDER BY success DESC, success_time DESC");
  rows.bind(source).bind_text(pipeline);
  while (rows.step() && newest.see_success(rows.number(0), {rows.bytes(1), number_at(rows, 2)})) {
  }
  return newest.runs();
}

}  // namespace walpulse::monitor
