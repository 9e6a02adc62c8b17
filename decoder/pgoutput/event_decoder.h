#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/pgoutput/byte_cursor.h"
#include "decoder/pgoutput/table_options.h"
#include "decoder/schema/change_event.h"

namespace walpulse::decoder {

struct EventDecoderOptions {
  schema::Source source;
  std::uint64_t epoch = 0;
  /// Whose changes become events; the others' are passed over.
  std::vector<TableOptions> tables;
  /// For a type of the database's own (kFirstOwnOid and up): the type whose text form its values
  /// have, kJsonOid for whatever holds JSON, nothing where the type is gone. Then the server's own
  /// word for it counts, which names what a domain was over. Without either, no such column leaves
  /// home but those that the metrics need.
  std::function<Result<std::optional<Oid>>(Oid type)> base_type;
};

/// Turns the pgoutput messages of one session (protocol 1: whole transactions, in commit order)
/// into change events; ordinals count each table's changes of a transaction by themselves. Pure: no
/// socket, clock or log. One thread.
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
    std::size_t change_count;  ///< Of our tables.
  };
  /// A change of a table that is none of ours, which is no event.
  struct Foreign {
    Oid table;
  };
  /// A change of another table that bears the name of one of ours, which is no event.
  struct Replaced {
    Oid by;
    const TableName* name;  ///< Of the decoder's options.
  };
  /// What one message meant for us: nothing, a transaction's edge, an event, or the end. The event
  /// lives until the next call and borrows from the message; the caller may drop cells of it.
  using Step =
      std::variant<std::monostate, Begun, schema::ChangeEvent*, Committed, Replaced, Foreign>;

  /// What stays home only because nobody can tell any more what its type was.
  struct Withheld {
    std::uint64_t count = 0;           ///< Of values.
    std::vector<std::string> columns;  ///< Of the newest of them.
  };

  explicit EventDecoder(EventDecoderOptions options);
  ~EventDecoder();
  EventDecoder(const EventDecoder&) = delete;
  EventDecoder& operator=(const EventDecoder&) = delete;

  /// `lsn` is the frame's WAL start (XLogData) or the `lsn` column of a SQL read. Errors are
  /// malformed, or what base_type failed with; they name the message type, the offset and the LSN,
  /// and the decoder is of no use after.
  Result<Step> feed(Lsn lsn, Bytes message);
  /// The message's further event: a changed key is the delete of the old one, then the insert of
  /// the new one, and a TRUNCATE may be of several tables. Null where there is none. To be asked
  /// for after each event, while the message is still there.
  schema::ChangeEvent* next();
  /// Labels and errors whose value, or what stands before it, could not be read since the last
  /// call.
  std::uint64_t take_label_faults();
  /// Since the last call.
  Withheld take_withheld();
  /// How often it was worked out what the options mean for a table: once for each description that
  /// rows came under, however the rows of several tables alternate.
  std::uint64_t plan_count() const;
  /// Call on reconnect: forgets the relations and any open transaction.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace walpulse::decoder
