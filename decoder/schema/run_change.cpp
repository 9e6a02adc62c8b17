#include "decoder/schema/run_change.h"

#include <utility>

#include "decoder/schema/event_document.h"
#include "decoder/schema/event_head.h"
#include "decoder/schema/run_cells.h"

namespace walpulse::schema {
namespace {

Result<PipelineRun> read_run(const EventDocument& document, Operation operation) {
  if (operation == Operation::truncate) return PipelineRun{};
  const auto& row = operation == Operation::remove ? document.before : document.after;
  RunCells cells;
  if (row)
    for (const EventDocument::Member& member : *row) cells.offer(member.name, member.cell);
  return read_pipeline_run(cells, *document.schema, *document.table);
}

bool names_a_key(const std::optional<EventDocument::Members>& previous_key) {
  return previous_key && !previous_key->empty();
}

}  // namespace

Result<RunChange> parse_run_change(std::string_view json) {
  std::string text(json);
  JsonCursor in(text);
  EventDocument document = read_event_document(in);
  const Result<EventHead> head = read_event_head(in, document);
  if (!head) return tl::unexpected<Error>(head.error());
  return RunChange{std::string(*document.name),
                   qualified_name(*document.schema, *document.table),
                   head->operation,
                   head->position,
                   head->commit_time,
                   std::move(document.labels),
                   read_run(document, head->operation),
                   head->operation == Operation::insert && names_a_key(document.previous_key)};
}

}  // namespace walpulse::schema
