#include <string>
#include <utility>

#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/problem_codec.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

/// PostgreSQL's arrays carry nulls, its single values here do not: no instant is before this one.
constexpr std::int64_t kNotClosed = INT64_MIN;

class PostgresProblems final : public ProblemStore {
 public:
  explicit PostgresProblems(PostgresUnit& unit) : database_(unit.database) {}

  std::vector<Problem> open() override {
    return read(
        database_.query("SELECT id, kind, source, subject, instance, since, opened, closed, "
                        "evidence, cause, severity, "
                        "told "
                        "FROM problem WHERE closed IS NULL ORDER BY id"));
  }
  std::vector<Problem> closed(std::size_t count_max) override {
    return read(database_.query(
        "SELECT id, kind, source, subject, instance, since, opened, closed, evidence, cause, "
        "severity, "
        "told "
        "FROM problem WHERE closed IS NOT NULL ORDER BY closed DESC, id DESC LIMIT $1::bigint",
        PostgresValues().number(static_cast<std::int64_t>(count_max))));
  }
  std::int64_t save(const Problem& problem) override;
  void remove(Timestamp closed_before) override {
    database_.query("DELETE FROM problem WHERE closed < $1::bigint",
                    PostgresValues().number(stored(closed_before)));
  }

 private:
  std::vector<Problem> read(const PostgresRows& rows);

  PostgresDatabase& database_;
};

std::vector<Problem> PostgresProblems::read(const PostgresRows& rows) {
  std::vector<Problem> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto kind = stored_kind(rows.number(i, 1));
    auto evidence = decode_evidence(rows.bytes(i, 8));
    const auto severity = stored_severity(rows.number(i, 10));
    Problem problem;
    if (!kind || !evidence || !severity || !decode_cause(rows.bytes(i, 9), problem.finding.cause)) {
      database_.corrupt("problem");
      return {};
    }
    problem.id = rows.number(i, 0);
    problem.finding.key = {*kind, rows.bytes(i, 2), rows.bytes(i, 3), rows.bytes(i, 4)};
    problem.finding.since = restored(rows.number(i, 5));
    problem.opened = restored(rows.number(i, 6));
    if (!rows.is_null(i, 7)) problem.closed = restored(rows.number(i, 7));
    problem.finding.evidence = *std::move(evidence);
    problem.finding.severity = *severity;
    problem.told = rows.number(i, 11) != 0;
    found.push_back(std::move(problem));
  }
  return found;
}

std::int64_t PostgresProblems::save(const Problem& problem) {
  const Finding& finding = problem.finding;
  const std::int64_t closed = problem.closed ? stored(*problem.closed) : kNotClosed;
  if (problem.id != 0) {
    database_.query(
        "UPDATE problem SET since = $2::bigint, closed = nullif($3::bigint, $4::bigint), "
        "evidence = $5::bytea, cause = $6::bytea, severity = $7::bigint, "
        "told = $8::bigint, subject = $9::bytea, instance = $10::bytea WHERE id = $1::bigint",
        PostgresValues()
            .number(problem.id)
            .number(stored(finding.since))
            .number(closed)
            .number(kNotClosed)
            .bytes(encode_evidence(finding.evidence))
            .bytes(encode_cause(finding.cause))
            .number(static_cast<std::int64_t>(finding.severity))
            .number(problem.told)
            .bytes(finding.key.subject)
            .bytes(finding.key.instance));
    return problem.id;
  }
  const auto rows = database_.query(
      "INSERT INTO problem (kind, source, subject, instance, since, opened, closed, evidence, "
      "cause, severity, told) VALUES ($1::bigint, $2::bytea, $3::bytea, $4::bytea, $5::bigint, "
      "$6::bigint, "
      "nullif($7::bigint, $8::bigint), $9::bytea, $10::bytea, $11::bigint, $12::bigint) RETURNING "
      "id",
      PostgresValues()
          .number(static_cast<std::int64_t>(finding.key.kind))
          .bytes(finding.key.source)
          .bytes(finding.key.subject)
          .bytes(finding.key.instance)
          .number(stored(finding.since))
          .number(stored(problem.opened))
          .number(closed)
          .number(kNotClosed)
          .bytes(encode_evidence(finding.evidence))
          .bytes(encode_cause(finding.cause))
          .number(static_cast<std::int64_t>(finding.severity))
          .number(problem.told));
  return rows.empty() ? 0 : rows.number(0, 0);  // empty where an error latched
}

}  // namespace

std::unique_ptr<ProblemStore> make_postgres_problems(PostgresUnit& unit) {
  return std::make_unique<PostgresProblems>(unit);
}

}  // namespace walpulse::monitor
