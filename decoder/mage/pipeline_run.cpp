#include "decoder/mage/pipeline_run.h"

#include <charconv>

#include "decoder/mage/run_cells.h"

namespace walpulse::mage {
namespace {

/// Reads a row's columns. The first value that does not read as asked for latches; the later ones
/// are then of no interest.
class ColumnReader {
 public:
  ColumnReader(const RunCells& cells, std::string_view schema, std::string_view table)
      : cells_(cells), schema_(schema), table_(table) {}

  std::optional<std::string> string(RunColumn column) const {
    const auto value = cells_.text(column);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }

  std::optional<std::int64_t> integer(RunColumn column) {
    const auto value = cells_.text(column);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    const char* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc{} || stop != end) return refuse(column, "an integer");
    return number;
  }

  std::optional<bool> boolean(RunColumn column) {
    const auto value = cells_.text(column);
    if (!value) return std::nullopt;
    if (*value == "t" || *value == "true") return true;
    if (*value == "f" || *value == "false") return false;
    return refuse(column, "a boolean");
  }

  std::optional<Timestamp> timestamp(RunColumn column) {
    const auto value = cells_.text(column);
    if (!value) return std::nullopt;
    if (const Result<Timestamp> instant = parse_timestamp(*value)) return *instant;
    // Of a column of type `timestamp`: Mage's clocks say UTC.
    if (const Result<Timestamp> utc = parse_timestamp(std::string(*value) + 'Z')) return *utc;
    return refuse(column, "a time");
  }

  const std::string& problem() const { return problem_; }

 private:
  std::nullopt_t refuse(RunColumn column, const char* expected) {
    if (problem_.empty()) {
      problem_ = schema::qualified_name(schema_, table_) + '.' + std::string(name_of(column)) +
                 " is not " + expected;
    }
    return std::nullopt;
  }

  const RunCells& cells_;
  const std::string_view schema_, table_;
  std::string problem_;
};

}  // namespace

bool is_terminal(std::string_view status) {
  return status == kCompleted || status == kFailed || status == kCancelled;
}

Result<PipelineRun> read_pipeline_run(const RunCells& cells, std::string_view schema,
                                      std::string_view table) {
  ColumnReader columns(cells, schema, table);
  PipelineRun run;
  const std::optional<std::int64_t> id = columns.integer(RunColumn::id);
  run.created_at = columns.timestamp(RunColumn::created_at);
  run.pipeline_schedule_id = columns.integer(RunColumn::pipeline_schedule_id);
  run.pipeline_uuid = columns.string(RunColumn::pipeline_uuid);
  run.execution_date = columns.timestamp(RunColumn::execution_date);
  run.status = columns.string(RunColumn::status);
  run.completed_at = columns.timestamp(RunColumn::completed_at);
  run.passed_sla = columns.boolean(RunColumn::passed_sla);
  run.backfill_id = columns.integer(RunColumn::backfill_id);
  run.started_at = columns.timestamp(RunColumn::started_at);
  if (!columns.problem().empty()) return fail(ErrorKind::malformed, columns.problem());
  if (!id) {
    return fail(ErrorKind::malformed,
                schema::qualified_name(schema, table) + ": the row holds no column id");
  }
  run.id = *id;
  return run;
}

}  // namespace walpulse::mage
