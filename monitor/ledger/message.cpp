#include "monitor/ledger/message.h"

#include <chrono>
#include <utility>

#include "decoder/schema/event_json.h"
#include "decoder/schema/pipeline_run.h"

namespace walpulse::monitor {
namespace {

/// Later code adds and subtracts spans of days.
bool plausible(Timestamp instant) {
  using std::chrono::sys_days;
  return instant > sys_days(std::chrono::year(1970) / 1 / 1) &&
         instant < sys_days(std::chrono::year(9999) / 1 / 1);
}

Message parse_change(const Incoming& incoming) {
  const auto event = schema::parse_event(incoming.data);
  if (!event) return InvalidMessage{event.error().message};
  const schema::ChangeEvent& read = **event;
  if (read.source->name.empty()) return InvalidMessage{"source.name is missing"};
  if (!plausible(read.commit_time)) return InvalidMessage{"source.ts_us is no plausible instant"};
  ChangeMessage change;
  change.name = read.source->name;
  change.table = schema::qualified_name(*read.table);
  change.operation = read.operation;
  change.replay = attribute(incoming.attributes, "replay") == "true";
  if (read.operation == schema::Operation::truncate) {
    change.entry = make_end(read.position, read.commit_time);
    return change;
  }
  const bool removed = read.operation == schema::Operation::remove;
  const auto run = schema::read_pipeline_run(*read.table, removed ? read.before : read.after);
  if (!run) return InvalidMessage{run.error().message};
  change.run = run->id;
  change.entry = make_entry(read, *run);
  return change;
}

}  // namespace

std::string_view attribute(const schema::Attributes& attributes, std::string_view name) {
  for (const auto& [key, value] : attributes)
    if (key == name) return value;
  return {};
}

Message parse_message(const Incoming& incoming) {
  const std::string_view version = attribute(incoming.attributes, "schema_version");
  if (!version.empty() && version != schema::kVersion) return DeferredMessage{};
  const std::string_view type = attribute(incoming.attributes, "ce-type");
  if (type == schema::kHeartbeatType) {
    auto heartbeat = schema::parse_heartbeat(incoming.data);
    if (!heartbeat) return InvalidMessage{heartbeat.error().message};
    if (!plausible(heartbeat->sent_at)) return InvalidMessage{"sent_at is no plausible instant"};
    return *std::move(heartbeat);
  }
  if (type == schema::kSnapshotEndType) {
    auto end = schema::parse_snapshot_end(incoming.data);
    if (!end) return InvalidMessage{end.error().message};
    if (end->name.empty()) return InvalidMessage{"name is missing"};
    if (!plausible(end->snapshot_at)) return InvalidMessage{"snapshot_at is no plausible instant"};
    return *std::move(end);
  }
  if (!type.empty() && type != schema::kChangeType) return InvalidMessage{"unknown ce-type"};
  return parse_change(incoming);
}

}  // namespace walpulse::monitor
