#include "monitor/ledger/application/message.h"

#include <chrono>
#include <memory>
#include <utility>

#include "decoder/mage/run_change.h"

namespace walpulse::monitor {
namespace {

/// Later code adds and subtracts spans of days.
bool plausible(Timestamp instant) {
  using std::chrono::sys_days;
  return instant > sys_days(std::chrono::year(1970) / 1 / 1) &&
         instant < sys_days(std::chrono::year(9999) / 1 / 1);
}

Message parse_change(const ReceivedMessage& received) {
  auto read = mage::parse_run_change(received.data);
  if (!read) return InvalidMessage{read.error().message};
  if (read->name.empty()) return InvalidMessage{"source.name is missing"};
  if (!plausible(read->commit_time)) return InvalidMessage{"source.ts_us is no plausible instant"};
  if (!read->of_a_run) return IgnoredMessage{std::move(read->name)};
  if (!read->run) return InvalidMessage{read->run.error().message};
  ChangeMessage change;
  change.name = std::move(read->name);
  change.table = std::move(read->table);
  change.operation = read->operation;
  change.run = read->run->id;
  change.replay = received.attributes.find("replay") == "true";
  change.entry = make_entry(*std::move(read));
  return change;
}

}  // namespace

Message parse_message(const ReceivedMessage& received) {
  const std::string_view version = received.attributes.find("schema_version");
  if (!version.empty() && version != schema::kVersion) return DeferredMessage{};
  const std::string_view type = received.attributes.find("ce-type");
  if (type == schema::kHeartbeatType) {
    auto heartbeat = schema::parse_heartbeat(received.data);
    if (!heartbeat) return InvalidMessage{heartbeat.error().message};
    if (!plausible(heartbeat->sent_at)) return InvalidMessage{"sent_at is no plausible instant"};
    return *std::move(heartbeat);
  }
  if (type == schema::kIntroductionType) {
    auto introduction = schema::parse_introduction(received.data);
    if (!introduction) return InvalidMessage{introduction.error().message};
    if (introduction->name.empty()) return InvalidMessage{"name is missing"};
    return *std::move(introduction);
  }
  if (type == schema::kSnapshotEndType) {
    auto end = schema::parse_snapshot_end(received.data);
    if (!end) return InvalidMessage{end.error().message};
    if (end->name.empty()) return InvalidMessage{"name is missing"};
    if (!plausible(end->snapshot_at)) return InvalidMessage{"snapshot_at is no plausible instant"};
    return *std::move(end);
  }
  if (!type.empty() && type != schema::kChangeType) return InvalidMessage{"unknown ce-type"};
  return parse_change(received);
}

void read_message(ReceivedMessage& received) {
  if (!received.read) received.read = std::make_shared<const Message>(parse_message(received));
}

}  // namespace walpulse::monitor
