#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {

/// Appends the version-1 JSON form of `event` (Debezium's envelope, schemas off).
/// tests/decoder/schema/golden/ is the contract: a byte changed there is a change to every
/// consumer.
///
/// int2/int4/int8 and bool are JSON numbers and booleans; timestamptz is RFC 3339 UTC; every other
/// type is a string of PostgreSQL's text. Text that is not UTF-8 becomes {"base64":"..."}.
/// `previous_key`, `unchanged`, `dropped` and `labels` are left out where empty;
/// `truncate` stands in truncates only.
void append_json(const ChangeEvent& event, std::string& out);

/// Appends as append_json does, but within `bytes_max`: where the event would be larger, its
/// largest non-key columns become `dropped`, one after the other, until it fits. Returns how many.
/// The error (rejected) names the table and size where even the key does not fit.
Result<std::size_t> append_json_within(ChangeEvent& event, std::size_t bytes_max, std::string& out);

}  // namespace walpulse::schema
