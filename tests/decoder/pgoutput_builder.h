#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/pgoutput/byte_cursor.h"

/// Writes pgoutput messages as the server does, for the tests that read them.
namespace walpulse::decoder::pgoutput {

class Bytestream {
 public:
  explicit Bytestream(char type) { bytes_ += type; }

  Bytestream& u8(unsigned value) { return integer(value, 1); }
  Bytestream& u16(unsigned value) { return integer(value, 2); }
  Bytestream& u32(std::uint64_t value) { return integer(value, 4); }
  Bytestream& u64(std::uint64_t value) { return integer(value, 8); }
  Bytestream& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  Bytestream& text(std::string_view text) { return raw(text).raw(std::string_view("\0", 1)); }
  std::string str() const { return bytes_; }

 private:
  Bytestream& integer(std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      bytes_ += static_cast<char>(value >> shift & 0xFF);
    }
    return *this;
  }
  std::string bytes_;
};

inline Bytes bytes(std::string_view message) {
  return std::as_bytes(std::span(message.data(), message.size()));
}

struct ColumnOf {
  std::string name;
  std::uint32_t type;
  bool key = false;
};

struct ValueOf {
  char kind;
  std::string text;
};
using TupleOf = std::vector<ValueOf>;
inline ValueOf text(std::string value) { return {'t', std::move(value)}; }
inline ValueOf binary(std::string value) { return {'b', std::move(value)}; }
inline ValueOf null() { return {'n', {}}; }
inline ValueOf unchanged() { return {'u', {}}; }

inline std::string tuple(const TupleOf& values) {
  Bytestream out(0);
  out.u16(static_cast<unsigned>(values.size()));
  for (const ValueOf& value : values) {
    out.raw({&value.kind, 1});
    if (value.kind == 't' || value.kind == 'b') out.u32(value.text.size()).raw(value.text);
  }
  return out.str().substr(1);
}

inline std::string begin(std::uint64_t final_lsn, std::int64_t time, std::uint32_t xid) {
  return Bytestream('B').u64(final_lsn).u64(static_cast<std::uint64_t>(time)).u32(xid).str();
}
inline std::string commit(std::uint64_t commit_lsn, std::uint64_t end_lsn, std::int64_t time) {
  return Bytestream('C')
      .u8(0)
      .u64(commit_lsn)
      .u64(end_lsn)
      .u64(static_cast<std::uint64_t>(time))
      .str();
}
inline std::string origin() { return Bytestream('O').u64(0x77).text("upstream").str(); }
inline std::string type(std::uint32_t oid = 16390, std::string_view schema = "public",
                        std::string_view name = "pipelinerunstatus") {
  return Bytestream('Y').u32(oid).text(schema).text(name).str();
}
inline std::string relation(std::uint32_t oid, std::string_view schema, std::string_view table,
                            char identity, const std::vector<ColumnOf>& columns) {
  Bytestream out('R');
  out.u32(oid).text(schema).text(table).raw({&identity, 1});
  out.u16(static_cast<unsigned>(columns.size()));
  for (const ColumnOf& column : columns) {
    out.u8(column.key ? 1 : 0).text(column.name).u32(column.type).u32(0xFFFFFFFF);
  }
  return out.str();
}
inline std::string insert(std::uint32_t oid, const TupleOf& row) {
  return Bytestream('I').u32(oid).raw("N").raw(tuple(row)).str();
}
/// `tag` is 'K' or 'O', or 0 for an update without an old row.
inline std::string update(std::uint32_t oid, char tag, const TupleOf& old_row, const TupleOf& row) {
  Bytestream out('U');
  out.u32(oid);
  if (tag != 0) out.raw({&tag, 1}).raw(tuple(old_row));
  return out.raw("N").raw(tuple(row)).str();
}
inline std::string update(std::uint32_t oid, const TupleOf& row) { return update(oid, 0, {}, row); }
inline std::string remove(std::uint32_t oid, char tag, const TupleOf& old_row) {
  return Bytestream('D').u32(oid).raw({&tag, 1}).raw(tuple(old_row)).str();
}
inline std::string truncate(const std::vector<std::uint32_t>& oids, unsigned flags) {
  Bytestream out('T');
  out.u32(oids.size()).u8(flags);
  for (const std::uint32_t oid : oids) out.u32(oid);
  return out.str();
}
inline std::string logical_message(std::string_view content) {
  return Bytestream('M').u8(1).u64(0x88).text("app").u32(content.size()).raw(content).str();
}

}  // namespace walpulse::decoder::pgoutput
