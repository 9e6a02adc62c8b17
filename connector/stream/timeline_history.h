#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "decoder/base/types.h"

namespace walpulse::connector {

/// Where a server's history left `timeline`, by the content of its newest timeline's history file
/// (PostgreSQL's documentation, section 26.3.6): a line for each ancestor, its number, the position
/// and a reason. Empty where that timeline is no ancestor. Pure.
std::optional<Lsn> fork_point(std::string_view history, std::uint32_t timeline);

}  // namespace walpulse::connector
