#include <map>
#include <set>
#include <string>
#include <utility>

#include "monitor/storage/pipeline_changes.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_codec.h"

namespace walpulse::monitor {
namespace {

using Type = PostgresArray::Type;

/// Run keys as two parallel arrays.
class KeyArrays {
 public:
  void add(const RunKey& key) {
    sources_.add(key.source);
    ids_.add(key.run);
  }
  PostgresValues values() const { return PostgresValues().array(sources_).array(ids_); }

 private:
  PostgresArray sources_{Type::number}, ids_{Type::number};
};

/// Runs as an array of each column.
class RunArrays {
 public:
  void add(const StoredRun& run) {
    const RunState& state = run.run.state;
    keys_.add(run.key);
    bodies_.add(encode_run(run.run));
    active_.add_flag(state.active);
    statuses_.add(state.status);
    pipelines_.add(state.pipeline);
    since_.add(stored(state.since));
    if (state.success) {
      successes_.add(encode_position(state.success->position));
      success_times_.add(stored(state.success->time));
    } else {
      successes_.add_null();
      success_times_.add_null();
    }
    state.failed ? failed_.add(encode_position(*state.failed)) : failed_.add_null();
    state.due ? due_.add(state.due->count()) : due_.add_null();
  }
  PostgresValues values() const {
    PostgresValues values = keys_.values();
    for (const auto* array : {&bodies_, &active_, &statuses_, &pipelines_, &since_, &successes_,
                              &success_times_, &failed_, &due_})
      values.array(*array);
    return values;
  }

 private:
  KeyArrays keys_;
  PostgresArray bodies_{Type::bytes}, active_{Type::boolean}, statuses_{Type::bytes},
      pipelines_{Type::bytes}, since_{Type::number}, successes_{Type::bytes},
      success_times_{Type::number}, failed_{Type::bytes}, due_{Type::number};
};

class PostgresRuns final : public RunStore {
 public:
  explicit PostgresRuns(PostgresUnit& unit) : database_(unit.database) {
    unit.pending.add([this] { remove_empty(); }, [this] { empty_.clear(); });
  }

  std::vector<StoredRun> load(std::span<const RunKey> keys) override;
  void save(std::span<const StoredRun> runs) override;
  void remove(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active(std::int64_t source) override;
  std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) override;
  std::vector<RunKey> due(IntakeTime clock, std::size_t count_max) override;
  std::vector<PipelineRow> pipelines() override;

 private:
  StoredRun read_run(const RunKey& key, const std::string& body);
  void save_pipelines(const PipelineChanges& changes);
  void remove_empty();

  PostgresDatabase& database_;
  std::set<RunKey> empty_;  ///< Inserted by load(), not saved yet.
};

StoredRun PostgresRuns::read_run(const RunKey& key, const std::string& body) {
  if (auto found = stored_run(key, body)) return *std::move(found);
  database_.corrupt("run");
  StoredRun unread;
  unread.key = key;
  return unread;
}

std::vector<StoredRun> PostgresRuns::load(std::span<const RunKey> keys) {
  KeyArrays arrays;
  for (const RunKey& key : keys) arrays.add(key);
  const auto inserted = database_.query(
      "INSERT INTO run (source, id) SELECT k.source, k.id "
      "FROM unnest($1::bigint[], $2::bigint[]) AS k(source, id) WHERE NOT EXISTS "
      "(SELECT FROM run r WHERE r.source = k.source AND r.id = k.id) "
      "ORDER BY k.source, k.id ON CONFLICT DO NOTHING RETURNING source, id",
      arrays.values());
  for (std::size_t i = 0; i < inserted.size(); ++i)
    empty_.insert({inserted.number(i, 0), inserted.number(i, 1)});
  const auto rows = database_.query(
      "SELECT r.source, r.id, r.body FROM unnest($1::bigint[], $2::bigint[]) AS k(source, id) "
      "JOIN run r ON r.source = k.source AND r.id = k.id ORDER BY r.source, r.id FOR UPDATE OF r",
      arrays.values());
  std::vector<StoredRun> found;
  if (database_.error()) return found;
  if (rows.size() != keys.size()) {
    database_.fail_with(ErrorKind::contended, "another instance has just pruned a run");
    return found;
  }
  found.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (empty_.contains(keys[i])) {
      found.emplace_back().key = keys[i];
    } else {
      found.push_back(read_run(keys[i], rows.bytes(i, 2)));
    }
  }
  return found;
}

void PostgresRuns::save(std::span<const StoredRun> runs) {
  if (runs.empty()) return;
  RunArrays arrays;
  for (const StoredRun& run : runs) {
    arrays.add(run);
    empty_.erase(run.key);
  }
  database_.query(
      "UPDATE run r SET body = u.body, active = u.active, status = u.status, "
      "pipeline = u.pipeline, since = u.since, success = u.success, "
      "success_time = u.success_time, failed = u.failed, due = u.due "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::boolean[], $5::bytea[], "
      "$6::bytea[], $7::bigint[], $8::bytea[], $9::bigint[], $10::bytea[], $11::bigint[]) "
      "AS u(source, id, body, active, status, pipeline, since, success, success_time, failed, "
      "due) WHERE r.source = u.source AND r.id = u.id",
      arrays.values());
  save_pipelines(changes_of_saved(runs));
}

void PostgresRuns::remove_empty() {
  if (empty_.empty()) return;
  KeyArrays arrays;
  for (const RunKey& key : empty_) arrays.add(key);
  empty_.clear();
  database_.query(
      "DELETE FROM run r USING unnest($1::bigint[], $2::bigint[]) AS k(source, id) "
      "WHERE r.source = k.source AND r.id = k.id",
      arrays.values());
}

void PostgresRuns::remove(std::span<const StoredRun> runs) {
  for (const StoredRun& run : runs) empty_.insert(run.key);
  remove_empty();
  save_pipelines(changes_of_removed(runs));
}

/// In the order of their keys, so that two transactions never wait for each other.
void PostgresRuns::save_pipelines(const PipelineChanges& changes) {
  PostgresArray sources(Type::number), names(Type::bytes), runs(Type::number), events(Type::number);
  bool fewer = false;
  for (const auto& [key, change] : changes) {
    sources.add(key.first);
    names.add(key.second);
    runs.add(change.runs);
    events.add(stored(change.last_event));
    fewer = fewer || change.runs < 0;
  }
  if (sources.empty()) return;
  database_.query(
      "INSERT INTO pipeline AS p (source, name, runs, last_event) SELECT * "
      "FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[]) AS u(source, name) "
      "ORDER BY u.source, u.name ON CONFLICT (source, name) DO UPDATE SET "
      "runs = p.runs + excluded.runs, last_event = greatest(p.last_event, excluded.last_event)",
      PostgresValues().array(sources).array(names).array(runs).array(events));
  if (fewer)
    database_.query(
        "DELETE FROM pipeline p USING unnest($1::bigint[], $2::bytea[]) AS u(source, name) "
        "WHERE p.source = u.source AND p.name = u.name AND p.runs <= 0",
        PostgresValues().array(sources).array(names));
}

std::vector<RunKey> PostgresRuns::active(std::int64_t source) {
  const auto rows = database_.query("SELECT id FROM run WHERE source = $1::bigint AND active",
                                    PostgresValues().number(source));
  std::vector<RunKey> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back({source, rows.number(i, 0)});
  return found;
}

std::vector<StoredRun> PostgresRuns::after(const RunKey& after, std::size_t count_max) {
  const auto rows = database_.query(
      "SELECT source, id, body FROM run WHERE (source, id) > ($1::bigint, $2::bigint) "
      "ORDER BY source, id LIMIT $3::bigint",
      PostgresValues()
          .number(after.source)
          .number(after.run)
          .number(static_cast<std::int64_t>(count_max)));
  std::vector<StoredRun> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back(read_run({rows.number(i, 0), rows.number(i, 1)}, rows.bytes(i, 2)));
  return found;
}

std::vector<RunKey> PostgresRuns::due(IntakeTime clock, std::size_t count_max) {
  const auto rows = database_.query(
      "SELECT source, id FROM run WHERE due <= $1::bigint ORDER BY due LIMIT $2::bigint",
      PostgresValues().number(clock.count()).number(static_cast<std::int64_t>(count_max)));
  std::vector<RunKey> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.number(i, 0), rows.number(i, 1)});
  return found;
}

std::vector<PipelineRow> PostgresRuns::pipelines() {
  std::vector<PipelineRow> found;
  std::map<std::pair<std::int64_t, std::string>, std::size_t> places;
  // The last success, and the failures behind it: both from their index alone.
  const auto rows = database_.query(
      "SELECT p.source, p.name, p.last_event, s.success, s.success_time, "
      "(SELECT count(*) FROM run f WHERE f.source = p.source AND f.pipeline = p.name "
      "AND f.failed > coalesce(s.success, '')) FROM pipeline p LEFT JOIN LATERAL "
      "(SELECT r.success, r.success_time FROM run r WHERE r.source = p.source "
      "AND r.pipeline = p.name AND r.success IS NOT NULL "
      "ORDER BY r.success DESC, r.success_time DESC LIMIT 1) s ON true");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PipelineRow& row = found.emplace_back();
    row.source = rows.number(i, 0);
    row.pipeline = rows.bytes(i, 1);
    row.last_event = restored(rows.number(i, 2));
    row.failures = rows.number(i, 5);
    places[{row.source, row.pipeline}] = i;
    if (rows.is_null(i, 3)) continue;
    const auto position = decode_position(rows.bytes(i, 3));
    if (!position) database_.corrupt("position");
    row.success = Success{position.value_or(schema::Position{}), restored(rows.number(i, 4))};
  }
  const auto active = database_.query(
      "SELECT source, pipeline, status, count(*), min(since) FROM run WHERE active "
      "GROUP BY source, pipeline, status");
  for (std::size_t i = 0; i < active.size(); ++i) {
    const auto at = places.find({active.number(i, 0), active.bytes(i, 1)});
    if (at == places.end()) continue;
    found[at->second].active.push_back(
        {active.bytes(i, 2), active.number(i, 3), restored(active.number(i, 4))});
  }
  return found;
}

}  // namespace

std::unique_ptr<RunStore> make_postgres_runs(PostgresUnit& unit) {
  return std::make_unique<PostgresRuns>(unit);
}

}  // namespace walpulse::monitor
