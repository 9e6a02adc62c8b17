#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/json_cursor.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {

/// An event's JSON document as it stands. Views lie in the text under the cursor, or in
/// `decoded`.
struct EventDocument {
  struct Member {
    std::string_view name;
    Oid type;  ///< int8, bool or text: what the JSON type tells.
    Cell cell;
  };
  using Members = std::vector<Member>;
  using Names = std::vector<std::string_view>;

  std::string_view operation;
  std::optional<Members> before, after, previous_key;
  Names unchanged;
  Names dropped;
  std::optional<std::string_view> name, database, schema, table;
  std::optional<std::int64_t> commit_time, ordinal;
  std::optional<std::uint64_t> xid, lsn, commit_lsn, epoch;
  bool cascade = false;
  bool restart_identity = false;
  std::vector<Label> labels;
  std::string_view error;          ///< Why the row failed; null: nobody says.
  std::list<std::string> decoded;  ///< The values that came as base64.
};

/// Failures stay in the cursor. Unknown fields are skipped, missing ones left empty.
EventDocument read_event_document(JsonCursor& in);

}  // namespace walpulse::schema
