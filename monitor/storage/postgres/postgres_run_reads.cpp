#include "monitor/storage/postgres/postgres_run_reads.h"

#include <string_view>
#include <utility>

#include "monitor/storage/failure_groups.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_end_columns.h"

namespace walpulse::monitor {
namespace {

PostgresValues of_pipeline(std::int64_t source, const std::string& pipeline) {
  return PostgresValues().number(source).bytes(pipeline);
}

PostgresValues of_pipelines(std::int64_t source, std::span<const std::string> pipelines) {
  PostgresArray names(PostgresArray::Type::bytes);
  for (const std::string& pipeline : pipelines) names.add(pipeline);
  return PostgresValues().number(source).array(names);
}

/// Of the first column, which counts from one: among what was asked of.
std::size_t place_at(const PostgresRows& rows, std::size_t i) {
  return static_cast<std::size_t>(rows.number(i, 0)) - 1;
}

/// Of a position's column and its time's.
std::optional<End> end_at(PostgresDatabase& database, const PostgresRows& rows, std::size_t i,
                          std::size_t column) {
  const auto position = decode_position(rows.bytes(i, column));
  if (!position) {
    database.corrupt("position");
    return std::nullopt;
  }
  return End{*position, restored(rows.number(i, column + 1))};
}

std::string labels_at(const PostgresRows& rows, std::size_t i, std::size_t column) {
  return rows.is_null(i, column) ? std::string() : rows.bytes(i, column);
}

std::optional<std::int64_t> number_at(const PostgresRows& rows, std::size_t i, std::size_t column) {
  return rows.is_null(i, column) ? std::nullopt : std::optional(rows.number(i, column));
}

/// Of id, position, time, labels and schedule, which begin at a column.
std::optional<FailedRun> failed_run_at(PostgresDatabase& database, const PostgresRows& rows,
                                       std::size_t i, std::size_t column) {
  const auto end = end_at(database, rows, i, column + 1);
  if (!end) return std::nullopt;
  return FailedRun{rows.number(i, column), *end, labels_at(rows, i, column + 3),
                   number_at(rows, i, column + 4)};
}

/// Of slot, id, and whether it completed and failed, which begin at a column.
SlotRun slot_run_at(const PostgresRows& rows, std::size_t i, std::size_t column) {
  return {restored(rows.number(i, column)), rows.number(i, column + 1), rows.flag(i, column + 2),
          rows.flag(i, column + 3)};
}

}  // namespace

std::vector<PipelineVersion> read_versions(PostgresDatabase& database) {
  const auto rows =
      database.query("SELECT source, name, changes, first_event, last_event FROM pipeline");
  std::vector<PipelineVersion> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PipelineVersion& version = found.emplace_back();
    version.source = rows.number(i, 0);
    version.pipeline = rows.bytes(i, 1);
    version.changes = rows.number(i, 2);
    if (!rows.is_null(i, 3)) version.first_event = restored(rows.number(i, 3));
    version.last_event = restored(rows.number(i, 4));
  }
  return found;
}

std::vector<std::optional<End>> read_last_successes(PostgresDatabase& database, std::int64_t source,
                                                    std::span<const std::string> pipelines) {
  const auto rows = database.query(
      "SELECT p.place, s.success, s.success_time FROM unnest($2::bytea[]) WITH ORDINALITY "
      "AS p(name, place) CROSS JOIN LATERAL (SELECT success, success_time FROM run "
      "WHERE source = $1::bigint AND pipeline = p.name AND success IS NOT NULL "
      "ORDER BY success DESC, success_time DESC LIMIT 1) s",
      of_pipelines(source, pipelines));
  std::vector<std::optional<End>> found(pipelines.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.at(place_at(rows, i)) = end_at(database, rows, i, 1);
  return found;
}

/// Of each the count, and the oldest and the newest where there are any. An earlier build did not
/// write when a run failed: since then it is there.
std::vector<FailedRuns> read_failed_behind(PostgresDatabase& database, std::int64_t source,
                                           std::span<const std::string> pipelines,
                                           std::span<const std::optional<schema::Position>> after) {
  PostgresArray behind(PostgresArray::Type::bytes);
  // Behind no position is every failure: nothing sorts before every position.
  for (const auto& each : after) behind.add(each ? encode_position(*each) : std::string());
  const auto rows = database.query(
      "SELECT p.place, f.* FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY "
      "AS p(name, behind, place) CROSS JOIN LATERAL ("
      "(SELECT count(*) AS id, NULL::bytea AS failed, NULL::bigint AS time, "
      "NULL::bytea AS labels, NULL::bigint AS schedule, 0 AS part FROM run "
      "WHERE source = $1::bigint AND pipeline = p.name AND failed > p.behind) UNION ALL "
      "(SELECT id, failed, coalesce(failed_time, since), labels, schedule, 1 FROM run "
      "WHERE source = $1::bigint AND pipeline = p.name AND failed > p.behind "
      "ORDER BY failed, failed_time, id LIMIT 1) UNION ALL "
      "(SELECT id, failed, coalesce(failed_time, since), labels, schedule, 2 FROM run "
      "WHERE source = $1::bigint AND pipeline = p.name AND failed > p.behind "
      "ORDER BY failed DESC, failed_time DESC, id DESC LIMIT 1)) f",
      of_pipelines(source, pipelines).array(behind));
  std::vector<FailedRuns> found(pipelines.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    FailedRuns& failed = found.at(place_at(rows, i));
    switch (rows.number(i, 6)) {
      case 0:
        failed.count = static_cast<std::uint64_t>(rows.number(i, 1));
        break;
      case 1:
        failed.first = failed_run_at(database, rows, i, 1);
        break;
      default:
        failed.last = failed_run_at(database, rows, i, 1);
    }
  }
  return found;
}

std::vector<PipelineStanding> read_standings(PostgresDatabase& database, std::int64_t source,
                                             std::span<const std::string> pipelines) {
  const auto successes = read_last_successes(database, source, pipelines);
  std::vector<std::optional<schema::Position>> behind;
  behind.reserve(successes.size());
  for (const auto& success : successes)
    behind.push_back(success ? std::optional(success->position) : std::nullopt);
  auto failed = read_failed_behind(database, source, pipelines, behind);
  auto active = read_active_of(database, source, pipelines);
  std::vector<PipelineStanding> found(pipelines.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i] = {successes[i], std::move(failed[i]), std::move(active[i])};
  return found;
}

/// In pieces: an answer stands in memory as a whole.
std::vector<FailedRuns> read_group_failures(PostgresDatabase& database, std::int64_t source,
                                            const std::string& pipeline, const GroupBound& behind) {
  FailureGroups groups(behind);
  database.query(
      "DECLARE failures NO SCROLL CURSOR FOR "
      "SELECT id, failed, coalesce(failed_time, since), labels, schedule FROM run "
      "WHERE source = $1::bigint AND pipeline = $2::bytea AND failed IS NOT NULL",
      of_pipeline(source, pipeline));
  for (bool all = false; !all;) {
    const auto rows = database.query("FETCH 5000 FROM failures");
    all = rows.empty();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (const auto run = failed_run_at(database, rows, i, 0))
        groups.see({run->labels, run->schedule}, run->end, run->run);
  }
  database.query("CLOSE failures");
  return groups.groups();
}

std::vector<GroupSuccess> read_group_successes(PostgresDatabase& database, std::int64_t source,
                                               const std::string& pipeline) {
  const auto rows = database.query(
      "SELECT DISTINCT ON (labels, schedule) success, success_time, labels, schedule FROM run "
      "WHERE source = $1::bigint AND pipeline = $2::bytea AND success IS NOT NULL "
      "ORDER BY labels, schedule, success DESC, success_time DESC",
      of_pipeline(source, pipeline));
  std::vector<GroupSuccess> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const auto success = end_at(database, rows, i, 0))
      found.push_back({labels_at(rows, i, 2), number_at(rows, i, 3), *success});
  return found;
}

std::vector<std::string> read_completed_after(PostgresDatabase& database, std::int64_t source,
                                              const std::string& pipeline, Timestamp instant) {
  const auto rows = database.query(
      "SELECT DISTINCT coalesce(labels, '') FROM run WHERE source = $1::bigint "
      "AND pipeline = $2::bytea AND success IS NOT NULL AND success_time > $3::bigint "
      "AND since > $3::bigint",
      of_pipeline(source, pipeline).number(stored(instant)));
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows.bytes(i, 0));
  return found;
}

std::vector<std::vector<RunKey>> read_active_of(PostgresDatabase& database, std::int64_t source,
                                                std::span<const std::string> pipelines) {
  const auto rows = database.query(
      "SELECT p.place, r.id FROM unnest($2::bytea[]) WITH ORDINALITY AS p(name, place) "
      "JOIN run r ON r.source = $1::bigint AND r.pipeline = p.name AND r.active ORDER BY r.id",
      of_pipelines(source, pipelines));
  std::vector<std::vector<RunKey>> found(pipelines.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.at(place_at(rows, i)).push_back({source, rows.number(i, 1)});
  return found;
}

std::vector<std::vector<SlotRun>> read_slots_of(PostgresDatabase& database, std::int64_t source,
                                                std::span<const SlotsWanted> triggers,
                                                std::size_t count_max) {
  constexpr auto kNumber = PostgresArray::Type::number;
  PostgresArray schedules(kNumber), from(kNumber), before(kNumber);
  for (const SlotsWanted& trigger : triggers) {
    schedules.add(trigger.schedule);
    from.add(stored(trigger.from));
    before.add(stored(trigger.before));
  }
  const auto rows = database.query(
      "SELECT t.place, s.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY "
      "AS t(schedule, begins, ends, place) CROSS JOIN LATERAL (SELECT slot, id, "
      "success IS NOT NULL, failed IS NOT NULL FROM run WHERE source = $1::bigint "
      "AND schedule = t.schedule AND slot >= t.begins AND slot < t.ends "
      "ORDER BY slot DESC, id DESC LIMIT $5::bigint) s ORDER BY s.slot DESC, s.id DESC",
      PostgresValues().number(source).array(schedules).array(from).array(before).number(
          static_cast<std::int64_t>(count_max)));
  std::vector<std::vector<SlotRun>> found(triggers.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.at(place_at(rows, i)).push_back(slot_run_at(rows, i, 1));
  return found;
}

namespace {

/// Of ended, source, id, pipeline, outcome, took, schedule and labels, which begin at a column.
RunEnd run_end_at(const PostgresRows& rows, std::size_t i, std::size_t column, TextPool& texts) {
  RunEnd end;
  end.ended = restored(rows.number(i, column));
  end.key = {rows.number(i, column + 1), rows.number(i, column + 2)};
  end.pipeline = texts.shared(rows.bytes(i, column + 3));
  end.status = outcome_name(rows.number(i, column + 4));
  if (!rows.is_null(i, column + 5))
    end.seconds = seconds_of(std::chrono::microseconds(rows.number(i, column + 5)));
  end.schedule = number_at(rows, i, column + 6);
  end.labels = texts.shared(labels_at(rows, i, column + 7));
  return end;
}

}  // namespace

std::vector<bool> read_have_failed(PostgresDatabase& database, std::int64_t source,
                                   std::span<const std::string> pipelines) {
  const auto rows = database.query(
      "SELECT p.place FROM unnest($2::bytea[]) WITH ORDINALITY AS p(name, place) WHERE EXISTS "
      "(SELECT FROM run WHERE source = $1::bigint AND pipeline = p.name AND failed IS NOT NULL)",
      of_pipelines(source, pipelines));
  std::vector<bool> found(pipelines.size());
  for (std::size_t i = 0; i < rows.size(); ++i) found.at(place_at(rows, i)) = true;
  return found;
}

std::vector<std::vector<RunEnd>> read_ends_of(PostgresDatabase& database, std::int64_t source,
                                              std::span<const EndsWanted> pipelines, Timestamp from,
                                              std::size_t count_max) {
  constexpr auto kNumber = PostgresArray::Type::number;
  PostgresArray names(PostgresArray::Type::bytes), ended(kNumber), runs(kNumber);
  for (const EndsWanted& wanted : pipelines) {
    names.add(wanted.pipeline);
    ended.add(stored(wanted.before.ended));
    runs.add(wanted.before.key.run);
  }
  const auto rows = database.query(
      "SELECT p.place, e.* FROM unnest($2::bytea[], $3::bigint[], $4::bigint[]) WITH ORDINALITY "
      "AS p(name, ended, run, place) CROSS JOIN LATERAL (SELECT ended, source, id, pipeline, "
      "outcome, took, schedule, labels FROM run WHERE source = $1::bigint AND pipeline = p.name "
      "AND ended IS NOT NULL AND (ended, id) < (p.ended, p.run) AND ended >= $5::bigint "
      "ORDER BY ended DESC, id DESC LIMIT $6::bigint) e ORDER BY e.ended DESC, e.id DESC",
      PostgresValues()
          .number(source)
          .array(names)
          .array(ended)
          .array(runs)
          .number(stored(from))
          .number(static_cast<std::int64_t>(count_max)));
  std::vector<std::vector<RunEnd>> found(pipelines.size());
  TextPool texts;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.at(place_at(rows, i)).push_back(run_end_at(rows, i, 1, texts));
  return found;
}

std::vector<RunEnd> read_ends(PostgresDatabase& database, const EndsBefore& before, Timestamp from,
                              std::size_t count_max) {
  const auto rows = database.query(
      "SELECT ended, source, id, pipeline, outcome, took, schedule, labels FROM run "
      "WHERE ended IS NOT NULL AND (ended, source, id) < ($1::bigint, $2::bigint, $3::bigint) "
      "AND ended >= $4::bigint ORDER BY ended DESC, source DESC, id DESC LIMIT $5::bigint",
      PostgresValues()
          .number(stored(before.ended))
          .number(before.key.source)
          .number(before.key.run)
          .number(stored(from))
          .number(static_cast<std::int64_t>(count_max)));
  std::vector<RunEnd> found;
  TextPool texts;
  found.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(run_end_at(rows, i, 0, texts));
  return found;
}

/// Nothing else than the ids travels, however many ends there are.
std::vector<std::int64_t> read_newest_runs(PostgresDatabase& database, std::int64_t source,
                                           const std::string& pipeline, std::size_t count,
                                           std::size_t groups_max) {
  const auto rows = database.query(
      "WITH newest AS (SELECT id, labels, schedule FROM (SELECT DISTINCT ON (labels, schedule) id, "
      "ended, labels, schedule FROM run WHERE source = $1::bigint AND pipeline = $2::bytea "
      "AND ended IS NOT NULL ORDER BY labels, schedule, ended DESC, id DESC) each "
      "ORDER BY ended DESC, id DESC LIMIT $4::bigint), "
      "success AS (SELECT DISTINCT ON (labels, schedule) id, labels, schedule FROM run "
      "WHERE source = $1::bigint AND pipeline = $2::bytea AND success IS NOT NULL "
      "ORDER BY labels, schedule, success DESC, success_time DESC) "
      "(SELECT id FROM run WHERE source = $1::bigint AND pipeline = $2::bytea "
      "AND ended IS NOT NULL ORDER BY ended DESC, id DESC LIMIT $3::bigint) "
      "UNION SELECT id FROM newest "
      "UNION SELECT s.id FROM success s JOIN newest n ON s.labels IS NOT DISTINCT FROM n.labels "
      "AND s.schedule IS NOT DISTINCT FROM n.schedule ORDER BY id",
      of_pipeline(source, pipeline)
          .number(static_cast<std::int64_t>(count))
          .number(static_cast<std::int64_t>(groups_max)));
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows.number(i, 0));
  return found;
}

}  // namespace walpulse::monitor
