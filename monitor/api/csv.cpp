#include "monitor/api/csv.h"

namespace walpulse::monitor::api {
namespace {

bool begins_a_formula(std::string_view cell) {
  constexpr std::string_view kBegins = "=+-@\t\r";
  return !cell.empty() && kBegins.find(cell.front()) != std::string_view::npos;
}

void append_cell(std::string& line, std::string_view cell) {
  const bool guarded = begins_a_formula(cell);
  if (!guarded && cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += cell;
    return;
  }
  line += '"';
  if (guarded) line += '\'';
  for (const char c : cell) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    append_cell(line, cell);
  }
  return line + "\r\n";
}

}  // namespace walpulse::monitor::api
