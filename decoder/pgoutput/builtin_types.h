#pragma once

#include <optional>
#include <string_view>

#include "decoder/base/types.h"

namespace walpulse::decoder {

/// The type of pg_catalog that has this name, of those that say by themselves what they hold: one
/// value each, or JSON. Their OIDs are the same everywhere.
std::optional<Oid> builtin_type(std::string_view name);

}  // namespace walpulse::decoder
