#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"
#include "decoder/schema/attributes.h"

namespace walpulse::schema {

/// Said once every row of a range was read under one snapshot and delivered: a row of the range
/// that was not among them did not exist at `position`. Nothing else says so of rows that went away
/// while nobody looked.
struct SnapshotEnd {
  std::string name;  ///< The source's.
  std::string schema;
  std::string table;
  std::uint64_t epoch = 0;
  Lsn position;                         ///< The slot's consistent point, the rows' commit_lsn.
  std::optional<std::int64_t> from_id;  ///< Of the range, inclusive; empty: open.
  std::optional<std::int64_t> to_id;
  std::uint64_t row_count = 0;  ///< In the range.
  Timestamp snapshot_at;        ///< The rows' time.

  bool operator==(const SnapshotEnd&) const = default;
};

std::string to_json(const SnapshotEnd& end);
/// Malformed also where from_id is greater than to_id, or row_count exceeds int64.
Result<SnapshotEnd> parse_snapshot_end(std::string_view json);
/// CloudEvents attributes with `ce-type: walpulse.snapshot_end`, and `table schema_version`.
Attributes snapshot_end_attributes(const SnapshotEnd& end);
/// "snapshot_end/<name>": a key of its own. It is published once all rows are acknowledged.
std::string snapshot_end_ordering_key(const SnapshotEnd& end);

}  // namespace walpulse::schema
