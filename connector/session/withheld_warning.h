#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace walpulse::connector {

/// The log's line for values that stayed home because nobody can tell any more what their columns'
/// types were.
std::string withheld_warning(std::uint64_t count, const std::vector<std::string>& columns);

}  // namespace walpulse::connector
