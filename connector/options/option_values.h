#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connector/options/options.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// A whole number of 64 bits, with or without a sign.
Result<std::int64_t> parse_id(std::string_view text);

/// "partner=variables.partner": a name, a column, at least one key below it.
Result<LabelOption> parse_label(std::string_view text);

/// What begins every event id, and so a URI: at most 128 bytes, without blanks, control characters
/// and what has a meaning in URIs or none at all.
bool is_source_name(std::string_view name);
inline constexpr const char* kSourceNameRule =
    "has 1 to 128 bytes, no blanks and none of / % ? # \" < > \\ ^ ` { | }: it begins every event "
    "id";

/// PostgreSQL's rule for replication slots: [a-z0-9_]; of its 63 bytes, kSlotNameMax: the anchor's
/// name is longer.
bool is_slot_name(std::string_view name);

}  // namespace walpulse::connector
