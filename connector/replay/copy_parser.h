#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/types.h"
#include "decoder/pgoutput/byte_cursor.h"

namespace walpulse::connector {

/// One row of `SELECT lsn, xid, data FROM pg_logical_slot_get_binary_changes(...)`.
struct SlotRow {
  Lsn lsn;
  Xid xid;
  decoder::Bytes data;  ///< One pgoutput message; valid until the next call to the parser.
};

/// Reads PostgreSQL's binary COPY format (manual, COPY, "Binary Format") as it comes, cut anywhere:
///
///   "PGCOPY\n\377\r\n\0" | i32 flags | i32 extension length | extension
///   per row: i16 field count | per field: i32 length (-1: NULL) | bytes
///   i16 -1
///
/// Rows that lie whole in one piece are not copied; memory is bounded by one row and one piece.
/// Pure. One thread.
class CopyParser {
 public:
  /// One more piece, to be kept until next() returned nothing.
  void feed(decoder::Bytes piece);
  /// The next row; nothing where it takes more bytes, or after the end. Malformed, from then on,
  /// where the bytes break the format or are no such rows.
  Result<std::optional<SlotRow>> next();
  /// The copy is over: malformed where its end was not there.
  Result<void> finish() const;

 private:
  enum class Stage { header, rows, ended };
  Result<bool> read_header();
  Result<std::optional<SlotRow>> read_row();
  tl::unexpected<Error> refuse(const std::string& reason) const;
  void keep_rest();

  Stage stage_ = Stage::header;
  std::vector<std::byte> kept_;  ///< What was left of earlier pieces, and then the newest.
  decoder::Bytes bytes_;         ///< Unread: of the newest piece, or of `kept_`.
  std::size_t offset_ = 0;       ///< Of bytes_ in the whole copy, for messages.
};

}  // namespace walpulse::connector
