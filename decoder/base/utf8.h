#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace walpulse {

/// The length of the well-formed UTF-8 character (Unicode, table 3-7) that `text` begins with; zero
/// where it begins with none.
std::size_t utf8_character(std::string_view text);

bool is_utf8(std::string_view text);

/// `text` itself where it is UTF-8, else with U+FFFD for each byte that is not. For names and
/// identifiers only, which have no other way out of an SQL_ASCII database; never for values.
std::string utf8_or_replaced(std::string text);

}  // namespace walpulse
