#include "decoder/schema/pipeline_run.h"

#include <charconv>

namespace walpulse::schema {
namespace {

/// Reads a row's columns by name. The first value that does not read as asked for latches; the
/// later ones are then of no interest.
class ColumnReader {
 public:
  ColumnReader(const Table& table, const Row& row) : table_(table), row_(row) {}

  std::optional<std::string_view> text(std::string_view column) const {
    const auto& columns = table_.columns;
    for (std::size_t i = 0; i < columns.size() && i < row_.size(); ++i) {
      if (columns[i].name != column) continue;
      if (row_[i].state != Cell::State::value) return std::nullopt;
      return row_[i].text;
    }
    return std::nullopt;
  }

  std::optional<std::string> string(std::string_view column) const {
    const auto value = text(column);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }

  std::optional<std::int64_t> integer(std::string_view column) {
    const auto value = text(column);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    const char* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc{} || stop != end) return refuse(column, "an integer");
    return number;
  }

  std::optional<bool> boolean(std::string_view column) {
    const auto value = text(column);
    if (!value) return std::nullopt;
    if (*value == "t" || *value == "true") return true;
    if (*value == "f" || *value == "false") return false;
    return refuse(column, "a boolean");
  }

  std::optional<Timestamp> timestamp(std::string_view column) {
    const auto value = text(column);
    if (!value) return std::nullopt;
    const Result<Timestamp> instant = parse_timestamp(*value);
    if (!instant) return refuse(column, "a time with a zone");
    return *instant;
  }

  const std::string& problem() const { return problem_; }

 private:
  std::nullopt_t refuse(std::string_view column, std::string_view expected) {
    if (problem_.empty()) {
      problem_ =
          qualified_name(table_) + "." + std::string(column) + " is not " + std::string(expected);
    }
    return std::nullopt;
  }

  const Table& table_;
  const Row& row_;
  std::string problem_;
};

}  // namespace

bool is_terminal(std::string_view status) {
  return status == kCompleted || status == kFailed || status == kCancelled;
}

Result<PipelineRun> read_pipeline_run(const Table& table, const Row& row) {
  ColumnReader columns(table, row);
  PipelineRun run;
  const std::optional<std::int64_t> id = columns.integer("id");
  run.created_at = columns.timestamp("created_at");
  run.pipeline_schedule_id = columns.integer("pipeline_schedule_id");
  run.pipeline_uuid = columns.string("pipeline_uuid");
  run.execution_date = columns.timestamp("execution_date");
  run.status = columns.string("status");
  run.completed_at = columns.timestamp("completed_at");
  run.passed_sla = columns.boolean("passed_sla");
  run.backfill_id = columns.integer("backfill_id");
  run.started_at = columns.timestamp("started_at");
  if (!columns.problem().empty()) return fail(ErrorKind::malformed, columns.problem());
  if (!id) {
    return fail(ErrorKind::malformed, qualified_name(table) + ": the row holds no column id");
  }
  run.id = *id;
  return run;
}

}  // namespace walpulse::schema
