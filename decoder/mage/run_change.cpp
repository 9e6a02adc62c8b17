#include "decoder/mage/run_change.h"

#include <algorithm>
#include <utility>

#include "decoder/mage/row_change.h"
#include "decoder/mage/run_cells.h"
#include "decoder/schema/event_document.h"
#include "decoder/schema/event_head.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::mage {
namespace {

using schema::Operation;

/// The connector sends 300 characters at most.
constexpr std::size_t kErrorBytesMax = 1200;

/// An event as it was read: views lie in `text`.
struct ReadEvent {
  explicit ReadEvent(std::string_view json)
      : text(json), in(text), document(schema::read_event_document(in)) {}
  std::string text;
  JsonCursor in;
  schema::EventDocument document;
};

bool ends(Operation operation) {
  return operation == Operation::remove || operation == Operation::truncate;
}

/// The row that tells of the change.
template <class Column>
Cells<Column> cells_of(const schema::EventDocument& document, Operation operation) {
  Cells<Column> cells;
  const auto& row = ends(operation) ? document.before : document.after;
  if (row)
    for (const schema::EventDocument::Member& member : *row) cells.offer(member.name, member.cell);
  return cells;
}

bool is_unchanged(const schema::EventDocument& document, std::string_view column) {
  return std::find(document.unchanged.begin(), document.unchanged.end(), column) !=
         document.unchanged.end();
}

template <class Column>
bool has(const Cells<Column>& cells, const schema::EventDocument& document, Column column) {
  return cells.has(column) || is_unchanged(document, name_of(column));
}

/// pipeline_schedule and backfill have a pipeline and a status too, but none of the others.
bool is_a_run(const RunCells& cells, const schema::EventDocument& document) {
  return has(cells, document, RunColumn::pipeline_uuid) &&
         has(cells, document, RunColumn::status) &&
         (has(cells, document, RunColumn::execution_date) ||
          has(cells, document, RunColumn::passed_sla) ||
          has(cells, document, RunColumn::backfill_id));
}

bool names_a_key(const std::optional<schema::EventDocument::Members>& previous_key) {
  return previous_key && !previous_key->empty();
}

RowChange row_change(const schema::EventDocument& document, const schema::EventHead& head) {
  return {std::string(*document.name),
          schema::qualified_name(*document.schema, *document.table),
          head.operation,
          head.position,
          head.commit_time,
          Row{}};
}

RowChange trigger_change(const schema::EventDocument& document, const schema::EventHead& head) {
  RowChange change = row_change(document, head);
  if (head.operation == Operation::truncate) return change;
  const auto cells = cells_of<ScheduleColumn>(document, head.operation);
  auto trigger = read_pipeline_schedule(cells, *document.schema, *document.table);
  if (trigger) {
    trigger->settings_unchanged = is_unchanged(document, name_of(ScheduleColumn::settings));
    change.row = Row{*std::move(trigger)};
  } else {
    change.row = forward(trigger);
  }
  change.fits = ends(head.operation) || (has(cells, document, ScheduleColumn::pipeline_uuid) &&
                                         has(cells, document, ScheduleColumn::schedule_interval));
  return change;
}

RowChange block_change(const schema::EventDocument& document, const schema::EventHead& head) {
  RowChange change = row_change(document, head);
  if (head.operation == Operation::truncate) return change;
  const auto cells = cells_of<BlockColumn>(document, head.operation);
  auto block = read_block_run(cells, *document.schema, *document.table);
  if (block) {
    // A member that is there and empty says that there is no error.
    if (document.error.data() != nullptr)
      block->error = std::string(schema::cut_utf8(document.error, kErrorBytesMax));
    change.row = Row{*std::move(block)};
  } else {
    change.row = forward(block);
  }
  change.fits = ends(head.operation) || (has(cells, document, BlockColumn::pipeline_run_id) &&
                                         has(cells, document, BlockColumn::block_uuid));
  return change;
}

}  // namespace

Result<RunChange> parse_run_change(std::string_view json) {
  ReadEvent event(json);
  schema::EventDocument& document = event.document;
  const Result<schema::EventHead> head = schema::read_event_head(event.in, document);
  if (!head) return forward(head);
  const Operation operation = head->operation;
  const auto cells = cells_of<RunColumn>(document, operation);
  return RunChange{std::string(*document.name),
                   schema::qualified_name(*document.schema, *document.table),
                   operation,
                   head->position,
                   head->commit_time,
                   std::move(document.labels),
                   operation == Operation::truncate
                       ? PipelineRun{}
                       : read_pipeline_run(cells, *document.schema, *document.table),
                   operation == Operation::insert && names_a_key(document.previous_key),
                   ends(operation) || is_a_run(cells, document)};
}

Result<RowChange> parse_row_change(std::string_view json) {
  ReadEvent event(json);
  const Result<schema::EventHead> head = schema::read_event_head(event.in, event.document);
  if (!head) return forward(head);
  switch (table_of(*event.document.table)) {
    case Table::triggers:
      return trigger_change(event.document, *head);
    case Table::blocks:
      return block_change(event.document, *head);
    case Table::runs:
      break;
  }
  return fail(ErrorKind::malformed,
              schema::qualified_name(*event.document.schema, *event.document.table) +
                  " is no table of triggers or blocks");
}

}  // namespace walpulse::mage
