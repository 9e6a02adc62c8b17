#include <string>
#include <utility>

#include "monitor/storage/problem_codec.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteProblems final : public ProblemStore {
 public:
  explicit SqliteProblems(SqliteDatabase& database) : database_(database) {}

  std::vector<Problem> open() override;
  std::vector<Problem> closed(std::size_t count_max) override;
  std::int64_t save(const Problem& problem) override;
  void remove(Timestamp closed_before) override;

 private:
  std::vector<Problem> read(SqliteQuery& rows);

  SqliteDatabase& database_;
};

std::vector<Problem> SqliteProblems::open() {
  auto rows = database_.query(
      "SELECT id, kind, source, subject, instance, since, opened, closed, evidence, cause, "
      "severity, "
      "told "
      "FROM problem WHERE closed IS NULL ORDER BY id");
  return read(rows);
}

std::vector<Problem> SqliteProblems::closed(std::size_t count_max) {
  auto rows = database_.query(
      "SELECT id, kind, source, subject, instance, since, opened, closed, evidence, cause, "
      "severity, "
      "told "
      "FROM problem WHERE closed IS NOT NULL ORDER BY closed DESC, id DESC LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count_max));
  return read(rows);
}

std::vector<Problem> SqliteProblems::read(SqliteQuery& rows) {
  std::vector<Problem> found;
  while (rows.step()) {
    const auto kind = stored_kind(rows.number(1));
    auto evidence = decode_evidence(rows.bytes(8));
    const auto severity = stored_severity(rows.number(10));
    Problem problem;
    if (!kind || !evidence || !severity || !decode_cause(rows.bytes(9), problem.finding.cause)) {
      database_.corrupt("problem");
      return {};
    }
    problem.id = rows.number(0);
    problem.finding.key = {*kind, std::string(rows.bytes(2)), std::string(rows.bytes(3)),
                           std::string(rows.bytes(4))};
    problem.finding.since = restored(rows.number(5));
    problem.opened = restored(rows.number(6));
    if (!rows.is_null(7)) problem.closed = restored(rows.number(7));
    problem.finding.evidence = *std::move(evidence);
    problem.finding.severity = *severity;
    problem.told = rows.number(11) != 0;
    found.push_back(std::move(problem));
  }
  return found;
}

std::int64_t SqliteProblems::save(const Problem& problem) {
  const Finding& finding = problem.finding;
  const std::string evidence = encode_evidence(finding.evidence);
  const std::string cause = encode_cause(finding.cause);
  auto query = database_.query(
      "INSERT INTO problem (id, kind, source, subject, instance, since, opened, closed, evidence, "
      "cause, severity, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
      "UPDATE SET "
      "subject = excluded.subject, instance = excluded.instance, since = excluded.since, closed = "
      "excluded.closed, evidence = excluded.evidence, "
      "cause = excluded.cause, severity = excluded.severity, "
      "told = excluded.told");
  problem.id == 0 ? query.bind_null() : query.bind(problem.id);
  query.bind(static_cast<std::int64_t>(finding.key.kind))
      .bind_text(finding.key.source)
      .bind_text(finding.key.subject)
      .bind_text(finding.key.instance)
      .bind(stored(finding.since))
      .bind(stored(problem.opened));
  problem.closed ? query.bind(stored(*problem.closed)) : query.bind_null();
  query.bind_bytes(evidence)
      .bind_bytes(cause)
      .bind(static_cast<std::int64_t>(finding.severity))
      .bind(std::int64_t{problem.told})
      .run();
  return problem.id == 0 ? database_.last_insert_id() : problem.id;
}

void SqliteProblems::remove(Timestamp closed_before) {
  database_.query("DELETE FROM problem WHERE closed < ?").bind(stored(closed_before)).run();
}

}  // namespace

std::unique_ptr<ProblemStore> make_sqlite_problems(SqliteDatabase& database) {
  return std::make_unique<SqliteProblems>(database);
}

}  // namespace walpulse::monitor
