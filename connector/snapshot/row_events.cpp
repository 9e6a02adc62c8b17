#include "connector/snapshot/row_events.h"

#include "connector/session/capture_plan.h"

namespace walpulse::connector {
namespace {

/// What events call it, whatever its name is now.
std::shared_ptr<const schema::Table> under_its_own_name(const SnapshotFacts& facts,
                                                        const decoder::TableOptions& options) {
  schema::Table table = facts.table;
  table.schema = options.name.schema;
  table.name = options.name.name;
  schema::order_by(table, options.order_column);
  return std::make_shared<const schema::Table>(std::move(table));
}

}  // namespace

RowEvents::RowEvents(const SnapshotFacts& facts, const PublishOptions& publish)
    : options_(table_options(facts.identity, facts.captured, publish)),
      source_(source_of(facts.identity, facts.server)),
      epoch_(facts.identity.epoch),
      plan_(under_its_own_name(facts, options_), options_) {
  message_options_.ordering_keys = publish.ordering_keys;
  event_.source = &source_;
  event_.table = plan_.table();
  event_.operation = schema::Operation::read;
}

void RowEvents::begin(const SnapshotPoint& point) {
  event_.position = {epoch_, point.position, schema::Position::kSnapshot};
  event_.lsn = point.position;
  event_.commit_time = point.taken_at;
}

Result<publisher::Message> RowEvents::message(SnapshotStream::Row row) {
  using Kind = decoder::Value::Kind;
  values_.clear();
  for (const auto& value : row) {
    values_.push_back(value ? decoder::Value{Kind::text, *value} : decoder::Value{Kind::null, {}});
  }
  const decoder::Tuple tuple{values_};
  plan_.fill_new(tuple, std::nullopt, event_.after);
  event_.labels.clear();
  label_faults_ += plan_.fill_labels(tuple, std::nullopt, event_.labels);
  label_faults_ += plan_.fill_error(tuple, std::nullopt, event_.error) ? 1 : 0;
  publisher::Message message;
  auto written = write_event_message(event_, message_options_, message);
  if (!written) return forward(written);
  message.can_linger = true;
  return message;
}

}  // namespace walpulse::connector
