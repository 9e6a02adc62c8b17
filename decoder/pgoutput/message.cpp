#include "decoder/pgoutput/message.h"

#include <algorithm>
#include <string>
#include <utility>

namespace walpulse::decoder {
namespace {

// Layouts are drawn as  field:type  with i16, i32 and i64 big-endian, text NUL-terminated and time
// in microseconds since 2000-01-01; the type byte is read already.

/// Flags that protocol 1 does not know are left alone, as PostgreSQL's own subscriber does.
constexpr std::uint8_t kKeyFlag = 1;
constexpr std::uint8_t kCascadeFlag = 1;
constexpr std::uint8_t kRestartIdentityFlag = 2;
constexpr std::uint8_t kTransactionalFlag = 1;

void expect_tag(ByteCursor& in, char tag) {
  if (in.u8() != static_cast<std::uint8_t>(tag)) {
    in.fail(std::string("expected the tag '") + tag + "'");
  }
}

/// final_lsn:i64 commit:time xid:i32
Begin read_begin(ByteCursor& in) {
  Begin begin{};
  begin.final_lsn = in.lsn();
  begin.commit_time = in.timestamp();
  begin.xid = in.xid();
  return begin;
}

/// flags:i8=0 commit_lsn:i64 end_lsn:i64 commit:time
Commit read_commit(ByteCursor& in) {
  Commit commit{};
  if (in.u8() != 0) in.fail("unknown commit flags");
  commit.commit_lsn = in.lsn();
  commit.end_lsn = in.lsn();
  commit.commit_time = in.timestamp();
  return commit;
}

/// lsn:i64 name:text
Origin read_origin(ByteCursor& in) {
  Origin origin{};
  origin.lsn = in.lsn();
  origin.name = in.text();
  return origin;
}

ReplicaIdentity read_replica_identity(ByteCursor& in) {
  const char identity = static_cast<char>(in.u8());
  switch (identity) {
    case 'd':
    case 'n':
    case 'f':
    case 'i':
      return static_cast<ReplicaIdentity>(identity);
    default:
      in.fail("unknown replica identity");
      return ReplicaIdentity::nothing;
  }
}

/// flags:i8 name:text type:i32 modifier:i32
Column read_column(ByteCursor& in) {
  Column column{};
  column.key = (in.u8() & kKeyFlag) != 0;
  column.name = in.text();
  column.type = in.oid();
  column.modifier = static_cast<std::int32_t>(in.u32());
  return column;
}

/// PostgreSQL allows a name once (pg_attribute's unique index); JSON could hold only one of them.
bool has_a_name_twice(const std::vector<Column>& columns) {
  std::vector<std::string_view> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// id:i32 schema:text table:text identity:i8 count:i16 column*
Relation read_relation(ByteCursor& in) {
  constexpr std::size_t kColumnSizeMin = 1 + 1 + 4 + 4;
  Relation relation{};
  relation.id = in.oid();
  relation.schema = in.text();
  relation.table = in.text();
  relation.identity = read_replica_identity(in);
  const std::size_t count = in.count16(kColumnSizeMin);
  relation.columns.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) relation.columns.push_back(read_column(in));
  if (has_a_name_twice(relation.columns)) in.fail("two columns of one name");
  return relation;
}

/// id:i32 schema:text name:text
Type read_type(ByteCursor& in) {
  Type type{};
  type.id = in.oid();
  type.schema = in.text();
  type.name = in.text();
  return type;
}

/// kind:i8, and for 't' and 'b' size:i32 bytes
Value read_value(ByteCursor& in) {
  const char kind = static_cast<char>(in.u8());
  switch (kind) {
    case 'n':
    case 'u':
      return {static_cast<Value::Kind>(kind), {}};
    case 't':
    case 'b':
      return {static_cast<Value::Kind>(kind), in.block()};
    default:
      in.fail("unknown kind of value");
      return {Value::Kind::null, {}};
  }
}

/// count:i16 value*
Tuple read_tuple(ByteCursor& in, std::vector<Value>& values) {
  Tuple tuple;
  tuple.offset = in.offset();
  const std::size_t count = in.count16(1);
  values.clear();
  values.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) values.push_back(read_value(in));
  tuple.values = values;
  return tuple;
}

OldRow read_old_row(ByteCursor& in, char tag, std::vector<Value>& values) {
  if (tag != 'K' && tag != 'O') in.fail("expected the tag 'K' or 'O'");
  return {static_cast<OldRow::Extent>(tag), read_tuple(in, values)};
}

/// relation:i32 'N' tuple
Insert read_insert(ByteCursor& in, TupleBuffer& tuples) {
  Insert insert{};
  insert.relation = in.oid();
  expect_tag(in, 'N');
  insert.row = read_tuple(in, tuples.row);
  return insert;
}

/// relation:i32 [('K' | 'O') tuple] 'N' tuple
Update read_update(ByteCursor& in, TupleBuffer& tuples) {
  Update update{};
  update.relation = in.oid();
  const char tag = static_cast<char>(in.u8());
  if (tag != 'N') {
    update.old_row = read_old_row(in, tag, tuples.old_row);
    expect_tag(in, 'N');
  }
  update.row = read_tuple(in, tuples.row);
  return update;
}

/// relation:i32 ('K' | 'O') tuple
Delete read_delete(ByteCursor& in, TupleBuffer& tuples) {
  Delete remove{};
  remove.relation = in.oid();
  const char tag = static_cast<char>(in.u8());
  remove.old_row = read_old_row(in, tag, tuples.old_row);
  return remove;
}

/// count:i32 flags:i8 relation:i32*
Truncate read_truncate(ByteCursor& in) {
  Truncate truncate{};
  const std::size_t count = in.count32(4);
  const std::uint8_t flags = in.u8();
  truncate.cascade = (flags & kCascadeFlag) != 0;
  truncate.restart_identity = (flags & kRestartIdentityFlag) != 0;
  truncate.relations.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) truncate.relations.push_back(in.oid());
  return truncate;
}

/// flags:i8 lsn:i64 prefix:text size:i32 bytes
LogicalMessage read_logical_message(ByteCursor& in) {
  LogicalMessage message{};
  message.transactional = (in.u8() & kTransactionalFlag) != 0;
  message.lsn = in.lsn();
  message.prefix = in.text();
  message.content = in.block();
  return message;
}

Message read_body(ByteCursor& in, char type, TupleBuffer& tuples) {
  switch (type) {
    case 'B':
      return read_begin(in);
    case 'C':
      return read_commit(in);
    case 'O':
      return read_origin(in);
    case 'R':
      return read_relation(in);
    case 'Y':
      return read_type(in);
    case 'I':
      return read_insert(in, tuples);
    case 'U':
      return read_update(in, tuples);
    case 'D':
      return read_delete(in, tuples);
    case 'T':
      return read_truncate(in);
    case 'M':
      return read_logical_message(in);
    case 'b':
    case 'P':
    case 'K':
    case 'r':
      // Sent under protocol 1 too, once the slot itself was made for it.
      in.fail("a prepared transaction: the slot was created with two_phase");
      return Begin{};
    default:
      in.fail("no message of protocol 1");
      return Begin{};
  }
}

std::string describe_type(char type) {
  const std::string_view name = message_name(type);
  if (!name.empty()) return std::string(name) + " message";
  return "message of type " + std::to_string(static_cast<unsigned char>(type));
}

}  // namespace

std::string_view message_name(char type) {
  switch (type) {
    case 'B':
      return "Begin";
    case 'C':
      return "Commit";
    case 'O':
      return "Origin";
    case 'R':
      return "Relation";
    case 'Y':
      return "Type";
    case 'I':
      return "Insert";
    case 'U':
      return "Update";
    case 'D':
      return "Delete";
    case 'T':
      return "Truncate";
    case 'M':
      return "Message";
    default:
      return {};
  }
}

Result<Message> decode(Bytes message, TupleBuffer& tuples) {
  if (message.empty()) return fail(ErrorKind::malformed, "empty message, offset 0: cut off");
  ByteCursor in(message);
  const char type = static_cast<char>(in.u8());
  Message body = read_body(in, type, tuples);
  return in.finish(std::move(body)).map_error([type](Error error) {
    error.message = describe_type(type) + ", " + error.message;
    return error;
  });
}

}  // namespace walpulse::decoder
