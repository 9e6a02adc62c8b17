#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "decoder/byte_cursor.h"
#include "decoder/schema/change_event.h"
#include "decoder/schema/result.h"

namespace walpulse::decoder {

/// Lifts the scalar at `path` below the JSON column `column` into the event's labels. SQL NULL,
/// JSON null, a missing key, an unchanged column and a value that is not a scalar all mean: no
/// label.
struct LabelRule {
  std::string name;
  std::string column;
  std::vector<std::string> path;
};

struct EventDecoderOptions {
  schema::Source source;
  std::uint64_t epoch = 0;
  std::string schema;  ///< Of the one table whose changes become events.
  std::string table;
  /// json and jsonb columns stay home, but for these.
  std::vector<std::string> json_columns;
  std::vector<LabelRule> labels;
  /// The primary key's columns, for tables with REPLICA IDENTITY FULL: there the server marks every
  /// column as part of the identity. Empty: as the server says.
  std::vector<std::string> key_columns;
};

/// Turns the pgoutput messages of one session (protocol 1: whole transactions, in commit order)
/// into change events with ordinals. Pure: no socket, clock or log. One thread.
class EventDecoder {
 public:
  struct Begun {
    Xid xid;
    Lsn commit_lsn;
    Timestamp commit_time;
  };
  struct Committed {
    Lsn commit_lsn;
    Lsn end_lsn;  ///< The position to confirm once the transaction's events are acknowledged.
    Timestamp commit_time;
    std::size_t event_count;
  };
  /// What one message meant for us: nothing, a transaction's edge, or an event. The event lives
  /// until the next call and borrows from the message; the caller may drop cells of it.
  using Step = std::variant<std::monostate, Begun, schema::ChangeEvent*, Committed>;

  explicit EventDecoder(EventDecoderOptions options);
  ~EventDecoder();
  EventDecoder(const EventDecoder&) = delete;
  EventDecoder& operator=(const EventDecoder&) = delete;

  /// `lsn` is the frame's WAL start (XLogData) or the `lsn` column of a SQL read. Errors are
  /// malformed and name the message type, the offset and the LSN; the decoder is of no use after.
  Result<Step> feed(Lsn lsn, Bytes message);
  /// Call on reconnect: forgets the relations and any open transaction.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace walpulse::decoder
