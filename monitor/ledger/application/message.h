#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "decoder/schema/heartbeat.h"
#include "decoder/schema/introduction.h"
#include "decoder/schema/snapshot_end.h"
#include "monitor/ledger/application/received_message.h"
#include "monitor/ledger/timeline/table_row.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

struct ChangeMessage {
  std::string name;   ///< The source's.
  std::string table;  ///< "public.pipeline_run".
  schema::Operation operation = schema::Operation::insert;
  std::int64_t run = 0;  ///< The row's id; zero for truncates, whose entry is an end.
  Entry entry;
  bool replay = false;
  /// Of a trigger or a block, but for truncates: then `entry` only says where it stands.
  std::shared_ptr<const RowEntry> row = nullptr;
};
struct InvalidMessage {
  std::string reason;  ///< Never a row's value.
};
/// A change of a table whose rows are neither runs nor triggers nor blocks.
struct IgnoredMessage {
  std::string name;  ///< The source's.
};
/// A schema version that this build does not know.
struct DeferredMessage {};

struct Message
    : std::variant<ChangeMessage, schema::Heartbeat, schema::Introduction, schema::SnapshotEnd,
                   IgnoredMessage, InvalidMessage, DeferredMessage> {
  using variant::variant;
};

/// Never fails: what cannot be read is an InvalidMessage. A body without attributes (an envelope
/// forwarded by hand) is read as a change.
Message parse_message(const ReceivedMessage& received);
/// Sets `received.read`, where it is not set yet.
void read_message(ReceivedMessage& received);

}  // namespace walpulse::monitor
