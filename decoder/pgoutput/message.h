#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "decoder/pgoutput/byte_cursor.h"

/// The messages of pgoutput, protocol 1, one struct for each row of the table in the PostgreSQL
/// manual ("Logical Replication Message Formats"). Every view points into the message given to
/// decode(), or into its TupleBuffer, and dies with either.
namespace walpulse::decoder {

struct Value {
  enum class Kind : char { null = 'n', unchanged = 'u', text = 't', binary = 'b' };
  Kind kind;
  std::string_view bytes;  ///< Empty unless kind is text or binary.
};

struct Tuple {
  std::span<const Value> values;
  std::size_t offset = 0;  ///< Where in the message it begins.
};

/// The memory of one message's tuples, kept by the caller to be used again.
struct TupleBuffer {
  std::vector<Value> old_row;
  std::vector<Value> row;
};

struct Column {
  bool key;
  std::string_view name;
  Oid type;
  std::int32_t modifier;
};

enum class ReplicaIdentity : char { primary_key = 'd', nothing = 'n', full = 'f', index = 'i' };

struct Begin {
  Lsn final_lsn;
  Timestamp commit_time;
  Xid xid;
};
struct Commit {
  Lsn commit_lsn;
  Lsn end_lsn;
  Timestamp commit_time;
};
struct Origin {
  Lsn lsn;
  std::string_view name;
};
struct Relation {
  Oid id;
  std::string_view schema;  ///< Empty for pg_catalog.
  std::string_view table;
  ReplicaIdentity identity;
  std::vector<Column> columns;
};
struct Type {
  Oid id;
  std::string_view schema;
  std::string_view name;
};

/// What the server said about the row before the change.
struct OldRow {
  /// In a `key` tuple the columns outside the replica identity are there as 'n', which is not NULL.
  enum class Extent : char { key = 'K', full = 'O' };
  Extent extent;
  Tuple tuple;
};
struct Insert {
  Oid relation;
  Tuple row;
};
struct Update {
  Oid relation;
  std::optional<OldRow> old_row;
  Tuple row;
};
struct Delete {
  Oid relation;
  OldRow old_row;
};
struct Truncate {
  std::vector<Oid> relations;
  bool cascade;
  bool restart_identity;
};
struct LogicalMessage {
  bool transactional;
  Lsn lsn;
  std::string_view prefix;
  std::string_view content;
};

using Message = std::variant<Begin, Commit, Origin, Relation, Type, Insert, Update, Delete,
                             Truncate, LogicalMessage>;

/// Errors are malformed and name the message type and the offset.
Result<Message> decode(Bytes message, TupleBuffer& tuples);

/// "Insert" for 'I'; empty for letters that are no message of protocol 1.
std::string_view message_name(char type);

}  // namespace walpulse::decoder
