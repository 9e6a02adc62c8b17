#include <map>
#include <string>
#include <utility>

#include "monitor/storage/pipeline_changes.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

/// A run's state as the columns that the indexes need.
class StateColumns {
 public:
  explicit StateColumns(const RunState& state) : state_(state) {
    if (state.success) success_ = encode_position(state.success->position);
    if (state.failed) failed_ = encode_position(*state.failed);
  }
  SqliteQuery& bind(SqliteQuery& query) const {
    query.bind(std::int64_t{state_.active})
        .bind_text(state_.status)
        .bind_text(state_.pipeline)
        .bind(stored(state_.since));
    if (state_.success) {
      query.bind_bytes(success_).bind(stored(state_.success->time));
    } else {
      query.bind_null().bind_null();
    }
    state_.failed ? query.bind_bytes(failed_) : query.bind_null();
    state_.due ? query.bind(state_.due->count()) : query.bind_null();
    return query;
  }

 private:
  const RunState& state_;
  std::string success_, failed_;
};

bool same_columns(RunState a, const RunState& b) {
  a.last_event = b.last_event;
  return a == b;
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

 private:
  void save_run(const StoredRun& stored);
  StoredRun read_run(const RunKey& key, std::string_view body);
  void save_pipelines(const PipelineChanges& changes);
  void read_successes(PipelineRow& row);

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

void SqliteRuns::save_run(const StoredRun& stored) {
  const std::string body = encode_run(stored.run);
  const StateColumns columns(stored.run.state);
  if (!stored.known) {
    auto query = database_.query("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query.bind(stored.key.source).bind(stored.key.run).bind_bytes(body);
    columns.bind(query).run();
  } else if (same_columns(stored.before, stored.run.state)) {
    database_.query("UPDATE run SET body = ? WHERE source = ? AND id = ?")
        .bind_bytes(body)
        .bind(stored.key.source)
        .bind(stored.key.run)
        .run();
  } else {
    auto query = database_.query(
        "UPDATE run SET body = ?, active = ?, status = ?, pipeline = ?, since = ?, success = ?, "
        "success_time = ?, failed = ?, due = ? WHERE source = ? AND id = ?");
    query.bind_bytes(body);
    columns.bind(query).bind(stored.key.source).bind(stored.key.run).run();
  }
}

void SqliteRuns::save_pipelines(const PipelineChanges& changes) {
  for (const auto& [key, change] : changes) {
    database_
        .query(
            "INSERT INTO pipeline VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
            "runs = runs + ?3, last_event = max(last_event, ?4)")
        .bind(key.first)
        .bind_text(key.second)
        .bind(change.runs)
        .bind(stored(change.last_event))
        .run();
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
  auto rows = database_.query("SELECT id FROM run WHERE source = ? AND active = 1");
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
  for (PipelineRow& row : found) read_successes(row);
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
void SqliteRuns::read_successes(PipelineRow& row) {
  std::string behind;  // sorts before every position
  {
    auto last = database_.query(
        "SELECT success, success_time FROM run WHERE source = ? AND pipeline = ? "
        "AND success IS NOT NULL ORDER BY success DESC, success_time DESC LIMIT 1");
    last.bind(row.source).bind_text(row.pipeline);
    if (last.step()) {
      behind = last.bytes(0);
      const auto position = decode_position(behind);
      if (!position) return database_.corrupt("position");
      row.success = Success{*position, restored(last.number(1))};
    }
  }
  auto failures =
      database_.query("SELECT count(*) FROM run WHERE source = ? AND pipeline = ? AND failed > ?");
  failures.bind(row.source).bind_text(row.pipeline).bind_bytes(behind);
  if (failures.step()) row.failures = failures.number(0);
}

}  // namespace

std::unique_ptr<RunStore> make_sqlite_runs(SqliteDatabase& database) {
  return std::make_unique<SqliteRuns>(database);
}

}  // namespace walpulse::monitor
