#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace walpulse::monitor::api {

/// One line of a table (RFC 4180), its end included. A cell that a spreadsheet would take for a
/// formula, as it begins with one of `= + - @`, a tab or a carriage return, gets an apostrophe in
/// front, as OWASP has it: names come from a database, and others open the file.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace walpulse::monitor::api
