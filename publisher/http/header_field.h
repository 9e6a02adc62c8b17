#pragma once

#include <string_view>

namespace walpulse::http {

/// Names of fields, encodings and media types are compared so: ASCII letters of either case.
bool equal_ignoring_case(std::string_view one, std::string_view other);

/// Without the spaces and tabs at either end.
std::string_view trimmed(std::string_view text);

/// Takes the next element of a comma-separated list off `list` (RFC 9110, section 5.6.1), trimmed;
/// it is empty where two commas meet. For lists whose elements have no quoted strings.
std::string_view take_element(std::string_view& list, char separator = ',');

/// Whether a field may be sent: its name is a token, its value printable. A line break in a value
/// would end the header, and begin another of somebody else's making.
bool is_sendable_field(std::string_view name, std::string_view value);

}  // namespace walpulse::http
