#include "decoder/mage/run_change.h"

#include <algorithm>
#include <utility>

#include "decoder/mage/run_cells.h"
#include "decoder/schema/event_document.h"
#include "decoder/schema/event_head.h"

namespace walpulse::mage {
namespace {

RunCells cells_of(const std::optional<schema::EventDocument::Members>& row) {
  RunCells cells;
  if (row)
    for (const schema::EventDocument::Member& member : *row) cells.offer(member.name, member.cell);
  return cells;
}

/// pipeline_schedule and backfill have a pipeline and a status too, but none of the others.
bool is_a_run(const RunCells& cells, const schema::EventDocument::Names& unchanged) {
  const auto has = [&](RunColumn column) {
    return cells.has(column) ||
           std::find(unchanged.begin(), unchanged.end(), name_of(column)) != unchanged.end();
  };
  return has(RunColumn::pipeline_uuid) && has(RunColumn::status) &&
         (has(RunColumn::execution_date) || has(RunColumn::passed_sla) ||
          has(RunColumn::backfill_id));
}

bool names_a_key(const std::optional<schema::EventDocument::Members>& previous_key) {
  return previous_key && !previous_key->empty();
}

}  // namespace

Result<RunChange> parse_run_change(std::string_view json) {
  std::string text(json);
  JsonCursor in(text);
  schema::EventDocument document = schema::read_event_document(in);
  const Result<schema::EventHead> head = schema::read_event_head(in, document);
  if (!head) return forward(head);
  const schema::Operation operation = head->operation;
  const bool ends =
      operation == schema::Operation::remove || operation == schema::Operation::truncate;
  const RunCells cells = cells_of(ends ? document.before : document.after);
  return RunChange{std::string(*document.name),
                   schema::qualified_name(*document.schema, *document.table),
                   operation,
                   head->position,
                   head->commit_time,
                   std::move(document.labels),
                   operation == schema::Operation::truncate
                       ? PipelineRun{}
                       : read_pipeline_run(cells, *document.schema, *document.table),
                   operation == schema::Operation::insert && names_a_key(document.previous_key),
                   ends || is_a_run(cells, document.unchanged)};
}

}  // namespace walpulse::mage
