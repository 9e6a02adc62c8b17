#include <map>
#include <string>
#include <utility>

#include "monitor/storage/pipeline_changes.h"
#include "monitor/storage/postgres/postgres_row_locks.h"
#include "monitor/storage/postgres/postgres_run_reads.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_codec.h"
#include "monitor/storage/run_end_columns.h"

namespace walpulse::monitor {
namespace {

using Type = PostgresArray::Type;

PostgresRowLocks::Key run_row_key(const RunKey& key) { return {key.source, key.run}; }

/// Runs as an array of each column.
class RunArrays {
 public:
  void add(const StoredRun& run) {
    const RunState& state = run.run.state;
    sources_.add(run.key.source);
    ids_.add(run.key.run);
    bodies_.add(encode_run(run.run));
    active_.add_flag(state.active);
    statuses_.add(state.status);
    pipelines_.add(state.pipeline);
    since_.add(stored(state.since));
    add_end(state.success, successes_, success_times_);
    add_end(state.failed, failed_, failed_times_);
    state.due ? due_.add(state.due->count()) : due_.add_null();
    state.schedule ? schedules_.add(*state.schedule) : schedules_.add_null();
    state.slot ? slots_.add(stored(*state.slot)) : slots_.add_null();
    state.labels.empty() ? labels_.add_null() : labels_.add(state.labels);
    add_finish(state);
  }
  PostgresValues values() const {
    PostgresValues values;
    for (const auto* array : {&sources_, &ids_, &bodies_, &active_, &statuses_, &pipelines_,
                              &since_, &successes_, &success_times_, &failed_, &failed_times_,
                              &due_, &schedules_, &slots_, &labels_, &ended_, &outcomes_, &took_})
      values.array(*array);
    return values;
  }

 private:
  static void add_end(const std::optional<End>& end, PostgresArray& positions,
                      PostgresArray& times) {
    end ? positions.add(encode_position(end->position)) : positions.add_null();
    end ? times.add(stored(end->time)) : times.add_null();
  }

  void add_finish(const RunState& state) {
    const auto& finish = state.finish;
    finish ? ended_.add(stored(finish->ended)) : ended_.add_null();
    finish ? outcomes_.add(outcome_of(state)) : outcomes_.add_null();
    finish && finish->took ? took_.add(finish->took->count()) : took_.add_null();
  }

  PostgresArray sources_{Type::number}, ids_{Type::number}, bodies_{Type::bytes},
      active_{Type::boolean}, statuses_{Type::bytes}, pipelines_{Type::bytes}, since_{Type::number},
      successes_{Type::bytes}, success_times_{Type::number}, failed_{Type::bytes},
      failed_times_{Type::number}, due_{Type::number}, schedules_{Type::number},
      slots_{Type::number}, labels_{Type::bytes}, ended_{Type::number}, outcomes_{Type::number},
      took_{Type::number};
};

class PostgresRuns final : public RunStore {
 public:
  explicit PostgresRuns(PostgresUnit& unit)
      : database_(unit.database), locks_(unit, "run", "run") {}

  std::vector<StoredRun> load(std::span<const RunKey> keys) override;
  void save(std::span<const StoredRun> runs) override;
  void remove(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active(std::int64_t source) override;
  std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) override;
  std::vector<RunKey> due(IntakeTime clock, std::size_t count_max) override;
  std::vector<PipelineRow> pipelines() override;
  std::vector<PipelineVersion> versions() override { return read_versions(database_); }
  std::optional<End> last_success(std::int64_t source, const std::string& pipeline) override {
    return read_last_successes(database_, source, {&pipeline, 1}).front();
  }
  FailedRuns failed_behind(std::int64_t source, const std::string& pipeline,
                           const std::optional<schema::Position>& after) override {
    return read_failed_behind(database_, source, {&pipeline, 1}, {&after, 1}).front();
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
    return read_active_of(database_, source, {&pipeline, 1}).front();
  }
  std::vector<StoredRun> peek(std::span<const RunKey> keys) override;
  std::vector<PipelineStanding> standings(std::int64_t source,
                                          std::span<const std::string> pipelines) override {
    return read_standings(database_, source, pipelines);
  }
  std::vector<bool> have_failed(std::int64_t source,
                                std::span<const std::string> pipelines) override {
    return read_have_failed(database_, source, pipelines);
  }
  PipelineRuns runs_of(std::int64_t source, const std::string& pipeline, Timestamp from,
                       std::size_t count_max) override;
  std::vector<SlotRun> slots(std::int64_t source, std::int64_t schedule, Timestamp from,
                             Timestamp before, std::size_t count_max) override {
    const SlotsWanted wanted{schedule, from, before};
    return read_slots_of(database_, source, {&wanted, 1}, count_max).front();
  }
  std::vector<std::vector<SlotRun>> slots_of(std::int64_t source,
                                             std::span<const SlotsWanted> triggers,
                                             std::size_t count_max) override {
    return read_slots_of(database_, source, triggers, count_max);
  }
  std::vector<RunEnd> ends_of(std::int64_t source, const std::string& pipeline,
                              const EndsBefore& before, Timestamp from,
                              std::size_t count_max) override {
    const EndsWanted wanted{pipeline, before};
    return read_ends_of(database_, source, {&wanted, 1}, from, count_max).front();
  }
  std::vector<std::vector<RunEnd>> ends_of_each(std::int64_t source,
                                                std::span<const EndsWanted> pipelines,
                                                Timestamp from, std::size_t count_max) override {
    return read_ends_of(database_, source, pipelines, from, count_max);
  }
  std::vector<RunEnd> ends(const EndsBefore& before, Timestamp from,
                           std::size_t count_max) override {
    return read_ends(database_, before, from, count_max);
  }
  std::vector<std::int64_t> newest_runs(std::int64_t source, const std::string& pipeline,
                                        std::size_t count, std::size_t groups_max) override {
    return read_newest_runs(database_, source, pipeline, count, groups_max);
  }

 private:
  StoredRun read_run(const RunKey& key, const std::string& body);
  void save_pipelines(const PipelineChanges& changes);

  PostgresDatabase& database_;
  PostgresRowLocks locks_;
};

StoredRun PostgresRuns::read_run(const RunKey& key, const std::string& body) {
  if (auto found = stored_run(key, body)) return *std::move(found);
  database_.corrupt("run");
  StoredRun unread;
  unread.key = key;
  return unread;
}

std::vector<StoredRun> PostgresRuns::load(std::span<const RunKey> keys) {
  std::vector<PostgresRowLocks::Key> locked;
  locked.reserve(keys.size());
  for (const RunKey& key : keys) locked.push_back(run_row_key(key));
  const auto bodies = locks_.lock(locked);
  std::vector<StoredRun> found;
  found.reserve(bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (bodies[i]) {
      found.push_back(read_run(keys[i], *bodies[i]));
    } else {
      found.emplace_back().key = keys[i];
    }
  }
  return found;
}

void PostgresRuns::save(std::span<const StoredRun> runs) {
  if (runs.empty()) return;
  RunArrays arrays;
  for (const StoredRun& run : runs) {
    arrays.add(run);
    locks_.saved(run_row_key(run.key));
  }
  database_.query(
      "UPDATE run r SET body = u.body, active = u.active, status = u.status, "
      "pipeline = u.pipeline, since = u.since, success = u.success, "
      "success_time = u.success_time, failed = u.failed, failed_time = u.failed_time, "
      "due = u.due, schedule = u.schedule, slot = u.slot, labels = u.labels, "
      "ended = u.ended, outcome = u.outcome, took = u.took "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::boolean[], $5::bytea[], "
      "$6::bytea[], $7::bigint[], $8::bytea[], $9::bigint[], $10::bytea[], $11::bigint[], "
      "$12::bigint[], $13::bigint[], $14::bigint[], $15::bytea[], $16::bigint[], $17::bigint[], "
      "$18::bigint[]) "
      "AS u(source, id, body, active, status, pipeline, since, success, success_time, failed, "
      "failed_time, due, schedule, slot, labels, ended, outcome, took) WHERE r.source = u.source "
      "AND r.id = u.id",
      arrays.values());
  save_pipelines(changes_of_saved(runs));
}

void PostgresRuns::remove(std::span<const StoredRun> runs) {
  std::vector<PostgresRowLocks::Key> keys;
  keys.reserve(runs.size());
  for (const StoredRun& run : runs) keys.push_back(run_row_key(run.key));
  locks_.remove(keys);
  save_pipelines(changes_of_removed(runs));
}

/// In the order of their keys, so that two transactions never wait for each other.
void PostgresRuns::save_pipelines(const PipelineChanges& changes) {
  PostgresArray sources(Type::number), names(Type::bytes), runs(Type::number),
      last_events(Type::number), first_events(Type::number);
  bool fewer = false;
  for (const auto& [key, change] : changes) {
    sources.add(key.first);
    names.add(key.second);
    runs.add(change.runs);
    last_events.add(stored(change.last_event));
    change.saved() ? first_events.add(stored(change.first_event)) : first_events.add_null();
    fewer = fewer || change.runs < 0;
  }
  if (sources.empty()) return;
  database_.query(
      "INSERT INTO pipeline AS p (source, name, runs, last_event, first_event, changes) "
      "SELECT u.*, 1 FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], "
      "$5::bigint[]) AS u(source, name) ORDER BY u.source, u.name "
      "ON CONFLICT (source, name) DO UPDATE SET runs = p.runs + excluded.runs, "
      "last_event = greatest(p.last_event, excluded.last_event), "
      "first_event = least(p.first_event, excluded.first_event), changes = p.changes + 1",
      PostgresValues()
          .array(sources)
          .array(names)
          .array(runs)
          .array(last_events)
          .array(first_events));
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
      "AND f.failed > coalesce(s.success, '') AND NOT f.active) "
      "FROM pipeline p LEFT JOIN LATERAL "
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
    row.success = End{position.value_or(schema::Position{}), restored(rows.number(i, 4))};
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

std::vector<StoredRun> PostgresRuns::peek(std::span<const RunKey> keys) {
  PostgresArray sources(Type::number), ids(Type::number);
  for (const RunKey& key : keys) {
    sources.add(key.source);
    ids.add(key.run);
  }
  std::vector<StoredRun> found(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) found[i].key = keys[i];
  if (keys.empty()) return found;
  const auto rows = database_.query(
      "SELECT k.place, r.body FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY "
      "AS k(source, id, place) JOIN run r ON r.source = k.source AND r.id = k.id",
      PostgresValues().array(sources).array(ids));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    StoredRun& run = found.at(static_cast<std::size_t>(rows.number(i, 0) - 1));
    run = read_run(run.key, rows.bytes(i, 1));
  }
  return found;
}

PipelineRuns PostgresRuns::runs_of(std::int64_t source, const std::string& pipeline, Timestamp from,
                                   std::size_t count_max) {
  const auto rows = database_.query(
      "(SELECT id, body, true, id AS place FROM run WHERE source = $1::bigint "
      "AND pipeline = $2::bytea AND active ORDER BY id DESC LIMIT $4::bigint) UNION ALL "
      "(SELECT id, body, false, ended FROM run WHERE source = $1::bigint AND pipeline = $2::bytea "
      "AND ended IS NOT NULL AND ended >= $3::bigint ORDER BY ended DESC, id DESC "
      "LIMIT $4::bigint) ORDER BY place DESC, id DESC",
      PostgresValues()
          .number(source)
          .bytes(pipeline)
          .number(stored(from))
          .number(static_cast<std::int64_t>(count_max)));
  PipelineRuns runs;
  for (std::size_t i = 0; i < rows.size(); ++i)
    (rows.flag(i, 2) ? runs.active : runs.ended)
        .push_back(read_run({source, rows.number(i, 0)}, rows.bytes(i, 1)));
  return runs;
}

}  // namespace

std::unique_ptr<RunStore> make_postgres_runs(PostgresUnit& unit) {
  return std::make_unique<PostgresRuns>(unit);
}

}  // namespace walpulse::monitor
