#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"

/// The vocabulary of the event contract (version 1), shared by connector and monitor.
namespace walpulse::schema {

inline constexpr std::string_view kVersion = "1";
/// Stands in every event's source.version.
inline constexpr std::string_view kProgramVersion = "0.1.0";

/// Which database the events come from. Both stand in the publication's comment or are derived from
/// the connection, so that every capture and replay agrees on them.
struct Source {
  std::string name;      ///< Chosen at setup; the database's name by default.
  std::string database;  ///< current_database().
};

struct Table {
  struct Column {
    std::string name;
    Oid type;  ///< pg_type.oid: the built-in ones are fixed, enums differ per database.
    bool key;  ///< Tells rows apart: of the primary key, or of the replica identity.
    bool operator==(const Column&) const = default;
  };
  Oid oid;
  std::string schema;
  std::string name;
  std::vector<Column> columns;
  /// The column whose value decides the ordering key; empty: the primary key does.
  std::optional<std::size_t> order_column = {};
  bool operator==(const Table&) const = default;
};
/// Makes the column of this name decide the ordering key; the primary key where there is none.
void order_by(Table& table, std::string_view column);
/// "public.pipeline_run".
std::string qualified_name(const Table& table);
std::string qualified_name(std::string_view schema, std::string_view table);

/// One column value in PostgreSQL's own text form: nothing is reinterpreted on its way through, so
/// nothing can be rounded or re-zoned. `text` is borrowed from the message it was read from.
struct Cell {
  enum class State : std::uint8_t {
    value,  ///< `text` holds it.
    null,
    unchanged,  ///< A TOASTed value that the server did not resend. Not null!
    absent,     ///< Not part of the replica identity, or kept home by configuration.
    dropped,    ///< Left out because the event would exceed Pub/Sub's limits.
  };
  State state = State::absent;
  std::string_view text;
  bool operator==(const Cell&) const = default;
};
/// Parallel to Table::columns.
using Row = std::vector<Cell>;

enum class Operation : char {
  insert = 'c',
  update = 'u',
  remove = 'd',
  truncate = 't',
  read = 'r',  ///< A snapshot row.
};

/// Where an event stands: unique and ordered for one table of one source, on every delivery, so
/// that consumers can merge and drop duplicates by comparing it.
struct Position {
  /// Snapshot rows carry no ordinal and sort before every stream event of their commit_lsn.
  static constexpr std::int64_t kSnapshot = -1;

  std::uint64_t epoch = 0;   ///< Second of the Unix clock in which `setup` or `recover` ran.
  Lsn commit_lsn;            ///< Begin.final_lsn; for snapshot rows the slot's consistent point.
  std::int64_t ordinal = 0;  ///< Among this table's changes in the transaction, from 0.
  auto operator<=>(const Position&) const = default;
};

/// A scalar lifted out of a JSON column by `--label`, at most 256 bytes of UTF-8.
struct Label {
  std::string name;
  std::string value;
  bool operator==(const Label&) const = default;
};

/// One row change. Rows borrow their text and the pointers are not owned: valid as long as the
/// message that it was decoded from.
struct ChangeEvent {
  const Source* source = nullptr;
  const Table* table = nullptr;
  Position position;
  Lsn lsn;                ///< The change's own WAL record; the commit_lsn for snapshot rows.
  Xid xid;                ///< Zero for snapshot rows.
  Timestamp commit_time;  ///< For snapshot rows the snapshot's time.
  Operation operation = Operation::insert;
  Row before;  ///< Empty where the server sent no old tuple.
  Row after;   ///< Empty for deletes and truncates.
  /// Of an insert that carries a row on under another key: the key that it had. Else empty.
  Row previous_key;
  /// Of a delete: the row goes on under another key, which an insert at the same position tells.
  bool key_left = false;
  bool cascade = false;           ///< Truncate only.
  bool restart_identity = false;  ///< Truncate only.
  std::vector<Label> labels;
  /// Of a row that failed, where it may leave: the first line of why, at most 300 characters; empty
  /// where the row says no reason.
  std::optional<std::string> error;
};

/// `<name>/<schema>.<table>/<epoch>/<commit_lsn>/<ordinal>`, commit_lsn in decimal; snapshot rows
/// end `/r/<primary key>` instead of an ordinal. A changed key is two events of one position: the
/// id of the delete ends `<ordinal>d`.
std::string event_id(const ChangeEvent& event);

/// The event's primary key as text: the key columns' values joined by ',', from `before` where it
/// holds them, else from `after`. Empty for
/// truncates and for tables without a replica identity.
std::string primary_key(const ChangeEvent& event);

}  // namespace walpulse::schema
