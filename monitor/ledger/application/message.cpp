#include "monitor/ledger/application/message.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "decoder/mage/row_change.h"
#include "decoder/mage/run_change.h"
#include "decoder/schema/bounded_name.h"
#include "decoder/schema/label_name.h"

namespace walpulse::monitor {
namespace {

/// Later code adds and subtracts spans of days.
bool plausible(Timestamp instant) {
  using std::chrono::sys_days;
  return instant > sys_days(std::chrono::year(1970) / 1 / 1) &&
         instant < sys_days(std::chrono::year(9999) / 1 / 1);
}

/// PostgreSQL's names have 63 bytes.
bool is_table_name(std::string_view table) { return table.size() <= schema::kNameBytesMax; }
constexpr const char* kNoTableName = "its table has a name that no table has";

/// What keeps a change of any table from being read; nothing where it can be.
template <class Change>
std::optional<Message> unfit(const Change& change, bool fits) {
  if (change.name.empty()) return InvalidMessage{"source.name is missing"};
  if (!is_table_name(change.table)) return InvalidMessage{kNoTableName};
  if (!plausible(change.commit_time)) return InvalidMessage{"source.ts_us is no plausible instant"};
  if (!fits) return IgnoredMessage{schema::bounded_name(change.name)};
  return std::nullopt;
}

/// What both sorts of changes say, but for the entry.
template <class Change>
ChangeMessage head_of(Change& change, const ReceivedMessage& received) {
  ChangeMessage message;
  message.name = schema::bounded_name(std::move(change.name));
  message.table = std::move(change.table);
  message.operation = change.operation;
  message.replay = received.attributes.find("replay") == "true";
  return message;
}

void bound(std::string& name) { name = schema::bounded_name(std::move(name)); }
void bound(std::optional<std::string>& name) {
  if (name) bound(*name);
}

/// Whoever publishes chooses what names and labels there are; what the ledger tells apart by them
/// has its bounds. Of two labels whose names become one the first counts.
void bound_names(mage::RunChange& change) {
  bound(change.run->pipeline_uuid);
  bound(change.run->status);
  for (schema::Label& label : change.labels) {
    label.name = schema::label_name_of(label.name);
    bound(label.value);
  }
}
void bound_names(mage::PipelineSchedule& row) { bound(row.pipeline_uuid); }
void bound_names(mage::BlockRun& row) {
  bound(row.block_uuid);
  bound(row.status);
}

Message message_of(mage::RunChange&& read, const ReceivedMessage& received) {
  if (auto reason = unfit(read, read.of_a_run)) return *std::move(reason);
  if (!read.run) return InvalidMessage{read.run.error().message};
  bound_names(read);
  ChangeMessage change = head_of(read, received);
  change.run = read.run->id;
  change.entry = make_entry(std::move(read));
  return change;
}

Message message_of(mage::RowChange&& read, const ReceivedMessage& received) {
  if (auto reason = unfit(read, read.fits)) return *std::move(reason);
  if (!read.row) return InvalidMessage{read.row.error().message};
  std::visit([](auto& row) { bound_names(row); }, *read.row);
  ChangeMessage change = head_of(read, received);
  change.entry = make_end(read.position, read.commit_time);
  if (change.operation == schema::Operation::truncate) return change;
  change.run = std::visit([](const auto& row) { return row.id; }, *read.row);
  change.row = std::make_shared<const RowEntry>(make_row_entry(std::move(read)));
  return change;
}

Message parse_change(const ReceivedMessage& received) {
  // Runs are most of what comes, and what the body says decides: attributes only save a second
  // look.
  if (mage::table_of(received.attributes.find("table")) == mage::Table::runs) {
    auto run = mage::parse_run_change(received.data);
    if (!run) return InvalidMessage{run.error().message};
    if (mage::table_of(run->table) == mage::Table::runs)
      return message_of(*std::move(run), received);
  }
  auto row = mage::parse_row_change(received.data);
  if (!row) return InvalidMessage{row.error().message};
  return message_of(*std::move(row), received);
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
    if (!is_table_name(heartbeat->table)) return InvalidMessage{kNoTableName};
    bound(heartbeat->name);
    bound(heartbeat->instance);
    return *std::move(heartbeat);
  }
  if (type == schema::kIntroductionType) {
    auto introduction = schema::parse_introduction(received.data);
    if (!introduction) return InvalidMessage{introduction.error().message};
    if (introduction->name.empty()) return InvalidMessage{"name is missing"};
    if (!is_table_name(introduction->table)) return InvalidMessage{kNoTableName};
    bound(introduction->name);
    return *std::move(introduction);
  }
  if (type == schema::kSnapshotEndType) {
    auto end = schema::parse_snapshot_end(received.data);
    if (!end) return InvalidMessage{end.error().message};
    if (end->name.empty()) return InvalidMessage{"name is missing"};
    if (!is_table_name(end->schema + '.' + end->table)) return InvalidMessage{kNoTableName};
    bound(end->name);
    if (!plausible(end->snapshot_at)) return InvalidMessage{"snapshot_at is no plausible instant"};
    return *std::move(end);
  }
  if (!type.empty() && type != schema::kChangeType) return InvalidMessage{"unknown ce-type"};
  return parse_change(received);
}

void read_message(ReceivedMessage& received) {
  if (received.read) return;
  bound(received.message_id);
  received.read = std::make_shared<const Message>(parse_message(received));
}

}  // namespace walpulse::monitor
