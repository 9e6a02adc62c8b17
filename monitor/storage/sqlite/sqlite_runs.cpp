#include <map>
#include <string>
#include <utility>

#include "monitor/storage/pipeline_changes.h"
#include "monitor/storage/pipeline_runs.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_codec.h"
#include "monitor/storage/run_end_columns.h"
#include "monitor/storage/sqlite/sqlite_run_reads.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

/// A run's state as the columns that the indexes need.
class StateColumns {
 public:
  explicit StateColumns(const RunState& state) : state_(state) {
    if (state.success) success_ = encode_position(state.success->position);
    if (state.failed) failed_ = encode_position(state.failed->position);
  }
  SqliteQuery& bind_active(SqliteQuery& query) const {
    return bind_status(query.bind(std::int64_t{state_.active}));
  }
  SqliteQuery& bind_status(SqliteQuery& query) const {
    query.bind_text(state_.status).bind(stored(state_.since));
    return state_.due ? query.bind(state_.due->count()) : query.bind_null();
  }
  SqliteQuery& bind_ends(SqliteQuery& query) const {
    bind_end(query, state_.success, success_);
    bind_end(query, state_.failed, failed_);
    if (!state_.finish) return query.bind_null().bind_null().bind_null();
    query.bind(stored(state_.finish->ended)).bind(outcome_of(state_));
    const auto& took = state_.finish->took;
    return took ? query.bind(took->count()) : query.bind_null();
  }
  /// What mostly stays as it was at the first.
  SqliteQuery& bind_lasting(SqliteQuery& query) const {
    query.bind_text(state_.pipeline);
    state_.schedule ? query.bind(*state_.schedule) : query.bind_null();
    state_.slot ? query.bind(stored(*state_.slot)) : query.bind_null();
    return state_.labels.empty() ? query.bind_null() : query.bind_bytes(state_.labels);
  }

 private:
  static void bind_end(SqliteQuery& query, const std::optional<End>& end,
                       const std::string& position) {
    if (end) {
      query.bind_bytes(position).bind(stored(end->time));
    } else {
      query.bind_null().bind_null();
    }
  }

  const RunState& state_;
  std::string success_, failed_;
};

bool same_status(const RunState& a, const RunState& b) {
  return a.status == b.status && a.since == b.since && a.due == b.due;
}
bool same_ends(const RunState& a, const RunState& b) {
  return a.success == b.success && a.failed == b.failed && a.finish == b.finish;
}
bool same_lasting(const RunState& a, const RunState& b) {
  return a.pipeline == b.pipeline && a.schedule == b.schedule && a.slot == b.slot &&
         a.labels == b.labels;
}

class SqliteRuns final : public RunStore {
 public:
  explicit SqliteRuns(SqliteDatabase& database) : database_(database) {}

  std::vector<StoredRun> load(std::span<const RunKey> keys) override;
  void save(std::span<const StoredRun> runs) override;
  void remove(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active(std::int64_t source) override;
  std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) override;
  std::vector<RunKey> due(IntakeTime clock, std::size_t count_max) override;
  std::vector<PipelineRow> pipelines() override;
  std::vector<PipelineVersion> versions() override { return read_versions(database_); }
  std::optional<End> last_success(std::int64_t source, const std::string& pipeline) override {
    return read_last_success(database_, source, pipeline);
  }
  FailedRuns failed_behind(std::int64_t source, const std::string& pipeline,
                           const std::optional<schema::Position>& after) override {
    return read_failed_behind(database_, source, pipeline, after);
  }
  std::vector<FailedRuns> group_failures(std::int64_t source, const std::string& pipeline,
                                         const GroupBound& behind) override {
    return read_group_failures(database_, source, pipeline, behind);
  }
  std::vector<GroupSuccess> group_successes(std::int64_t source,
                                            const std::string& pipeline) override {
    return read_group_successes(database_, source, pipeline);
  }
  std::vector<std::string> completed_after(std::int64_t source, const std::string& pipeline,
                                           Timestamp instant) override {
    return read_completed_after(database_, source, pipeline, instant);
  }
  std::vector<RunKey> active_of(std::int64_t source, const std::string& pipeline) override {
    return read_active_of(database_, source, pipeline);
  }
  std::vector<StoredRun> peek(std::span<const RunKey> keys) override { return load(keys); }
  std::vector<PipelineStanding> standings(std::int64_t source,
                                          std::span<const std::string> pipelines) override {
    return find_standings(*this, source, pipelines);
  }
  std::vector<bool> have_failed(std::int64_t source,
                                std::span<const std::string> pipelines) override {
    return find_have_failed(*this, source, pipelines);
  }
  std::vector<std::vector<RunEnd>> ends_of_each(std::int64_t source,
                                                std::span<const EndsWanted> pipelines,
                                                Timestamp from, std::size_t count_max) override {
    return find_ends_of_each(*this, source, pipelines, from, count_max);
  }
  PipelineRuns runs_of(std::int64_t source, const std::string& pipeline, Timestamp from,
                       std::size_t count_max) override {
    return find_runs_of(*this, source, pipeline, from, count_max);
  }
  std::vector<std::vector<SlotRun>> slots_of(std::int64_t source,
                                             std::span<const SlotsWanted> triggers,
                                             std::size_t count_max) override {
    return find_slots_of(*this, source, triggers, count_max);
  }
  std::vector<SlotRun> slots(std::int64_t source, std::int64_t schedule, Timestamp from,
                             Timestamp before, std::size_t count_max) override {
    return read_slots(database_, source, schedule, from, before, count_max);
  }
  std::vector<RunEnd> ends_of(std::int64_t source, const std::string& pipeline,
                              const EndsBefore& before, Timestamp from,
                              std::size_t count_max) override {
    return read_ends_of(database_, source, pipeline, before, from, count_max);
  }
  std::vector<RunEnd> ends(const EndsBefore& before, Timestamp from,
                           std::size_t count_max) override {
    return walpulse::monitor::read_ends(database_, before, from, count_max);
  }
  std::vector<std::int64_t> newest_runs(std::int64_t source, const std::string& pipeline,
                                        std::size_t count, std::size_t groups_max) override {
    return read_newest_runs(database_, source, pipeline, count, groups_max);
  }

 private:
  void save_run(const StoredRun& stored);
  StoredRun read_run(const RunKey& key, std::string_view body);
  void save_pipelines(const PipelineChanges& changes);
  void read_ends(PipelineRow& row);

  SqliteDatabase& database_;
};

std::vector<StoredRun> SqliteRuns::load(std::span<const RunKey> keys) {
  std::vector<StoredRun> found(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    found[i].key = keys[i];
    auto row = database_.query("SELECT body FROM run WHERE source = ? AND id = ?");
    row.bind(keys[i].source).bind(keys[i].run);
    if (row.step()) found[i] = read_run(keys[i], row.bytes(0));
  }
  return found;
}

StoredRun SqliteRuns::read_run(const RunKey& key, std::string_view body) {
  if (auto found = stored_run(key, body)) return *std::move(found);
  database_.corrupt("run");
  StoredRun unread;
  unread.key = key;
  return unread;
}

void SqliteRuns::save(std::span<const StoredRun> runs) {
  for (const StoredRun& stored : runs) save_run(stored);
  save_pipelines(changes_of_saved(runs));
}

/// An index is written where one of its columns is among those that a statement sets: of a run that
/// is there no more is set than has changed.
void SqliteRuns::save_run(const StoredRun& stored) {
  const std::string body = encode_run(stored.run);
  const RunState &before = stored.before, &now = stored.run.state;
  const StateColumns columns(now);
  if (!stored.known) {
    auto query = database_.query(
        "INSERT INTO run (source, id, body, active, status, since, due, success, success_time, "
        "failed, failed_time, ended, outcome, took, pipeline, schedule, slot, labels) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query.bind(stored.key.source).bind(stored.key.run).bind_bytes(body);
    columns.bind_lasting(columns.bind_ends(columns.bind_active(query))).run();
    return;
  }
  const auto update = [&](const char* sql, const auto& bind) {
    auto query = database_.query(sql);
    bind(query.bind_bytes(body)).bind(stored.key.source).bind(stored.key.run).run();
  };
  if (stored.outdated || !same_lasting(before, now)) {
    update(
        "UPDATE run SET body = ?, active = ?, status = ?, since = ?, due = ?, success = ?, "
        "success_time = ?, failed = ?, failed_time = ?, ended = ?, outcome = ?, took = ?, "
        "pipeline = ?, schedule = ?, slot = ?, labels = ? WHERE source = ? AND id = ?",
        [&](SqliteQuery& query) -> SqliteQuery& {
          return columns.bind_lasting(columns.bind_ends(columns.bind_active(query)));
        });
  } else if (!same_ends(before, now) || before.active != now.active) {
    update(
        "UPDATE run SET body = ?, active = ?, status = ?, since = ?, due = ?, success = ?, "
        "success_time = ?, failed = ?, failed_time = ?, ended = ?, outcome = ?, took = ? "
        "WHERE source = ? AND id = ?",
        [&](SqliteQuery& query) -> SqliteQuery& {
          return columns.bind_ends(columns.bind_active(query));
        });
  } else if (!same_status(before, now)) {
    update("UPDATE run SET body = ?, status = ?, since = ?, due = ? WHERE source = ? AND id = ?",
           [&](SqliteQuery& query) -> SqliteQuery& { return columns.bind_status(query); });
  } else {
    update("UPDATE run SET body = ? WHERE source = ? AND id = ?",
           [](SqliteQuery& query) -> SqliteQuery& { return query; });
  }
}

void SqliteRuns::save_pipelines(const PipelineChanges& changes) {
  for (const auto& [key, change] : changes) {
    auto query = database_.query(
        "INSERT INTO pipeline (source, name, runs, last_event, changes, first_event) "
        "VALUES (?1, ?2, ?3, ?4, 1, ?5) ON CONFLICT DO UPDATE SET runs = runs + ?3, "
        "last_event = max(last_event, ?4), changes = changes + 1, "
        "first_event = min(coalesce(first_event, ?5), coalesce(?5, first_event))");
    query.bind(key.first).bind_text(key.second).bind(change.runs).bind(stored(change.last_event));
    (change.saved() ? query.bind(stored(change.first_event)) : query.bind_null()).run();
    if (change.runs < 0)
      database_.query("DELETE FROM pipeline WHERE source = ? AND name = ? AND runs <= 0")
          .bind(key.first)
          .bind_text(key.second)
          .run();
  }
}

std::vector<StoredRun> SqliteRuns::after(const RunKey& after, std::size_t count_max) {
  std::vector<StoredRun> found;
  auto rows = database_.query(
      "SELECT source, id, body FROM run WHERE (source, id) > (?, ?) ORDER BY source, id LIMIT ?");
  rows.bind(after.source).bind(after.run).bind(static_cast<std::int64_t>(count_max));
  while (rows.step()) found.push_back(read_run({rows.number(0), rows.number(1)}, rows.bytes(2)));
  return found;
}

void SqliteRuns::remove(std::span<const StoredRun> runs) {
  for (const StoredRun& stored : runs)
    database_.query("DELETE FROM run WHERE source = ? AND id = ?")
        .bind(stored.key.source)
        .bind(stored.key.run)
        .run();
  save_pipelines(changes_of_removed(runs));
}

std::vector<RunKey> SqliteRuns::active(std::int64_t source) {
  std::vector<RunKey> found;
  auto rows =
      database_.query("SELECT id FROM run INDEXED BY run_active WHERE source = ? AND active = 1");
  rows.bind(source);
  while (rows.step()) found.push_back({source, rows.number(0)});
  return found;
}

std::vector<RunKey> SqliteRuns::due(IntakeTime clock, std::size_t count_max) {
  std::vector<RunKey> found;
  auto rows = database_.query("SELECT source, id FROM run WHERE due <= ? ORDER BY due LIMIT ?");
  rows.bind(clock.count()).bind(static_cast<std::int64_t>(count_max));
  while (rows.step()) found.push_back({rows.number(0), rows.number(1)});
  return found;
}

std::vector<PipelineRow> SqliteRuns::pipelines() {
  std::vector<PipelineRow> found;
  std::map<std::pair<std::int64_t, std::string>, std::size_t> places;
  {
    auto rows = database_.query("SELECT source, name, last_event FROM pipeline");
    while (rows.step()) {
      PipelineRow& row = found.emplace_back();
      row.source = rows.number(0);
      row.pipeline = rows.bytes(1);
      row.last_event = restored(rows.number(2));
      places[{row.source, row.pipeline}] = found.size() - 1;
    }
  }
  for (PipelineRow& row : found) read_ends(row);
  auto active = database_.query(
      "SELECT source, pipeline, status, count(*), min(since) FROM run WHERE active = 1 "
      "GROUP BY source, pipeline, status");
  while (active.step()) {
    const auto at = places.find({active.number(0), std::string(active.bytes(1))});
    if (at == places.end()) continue;
    found[at->second].active.push_back(
        {std::string(active.bytes(2)), active.number(3), restored(active.number(4))});
  }
  return found;
}

/// The last success, and the failures behind it: both from their index alone.
void SqliteRuns::read_ends(PipelineRow& row) {
  row.success = read_last_success(database_, row.source, row.pipeline);
  const std::string behind = row.success ? encode_position(row.success->position) : std::string();
  auto failures = database_.query(
      "SELECT count(*) FROM run WHERE source = ? AND pipeline = ? AND failed > ? AND active = 0");
  failures.bind(row.source).bind_text(row.pipeline).bind_bytes(behind);
  if (failures.step()) row.failures = failures.number(0);
}

}  // namespace

std::unique_ptr<RunStore> make_sqlite_runs(SqliteDatabase& database) {
  return std::make_unique<SqliteRuns>(database);
}

}  // namespace walpulse::monitor
