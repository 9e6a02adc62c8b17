#include "publisher/database/sql_quote.h"

namespace walpulse::database {
namespace {

std::string quote(std::string_view text, char mark) {
  std::string quoted(1, mark);
  for (const char c : text) {
    if (c == mark) quoted += mark;
    quoted += c;
  }
  return quoted + mark;
}

}  // namespace

std::string quote_identifier(std::string_view name) { return quote(name, '"'); }

std::string quote_literal(std::string_view text) { return quote(text, '\''); }

std::string quote_table(std::string_view schema, std::string_view table) {
  return quote_identifier(schema) + "." + quote_identifier(table);
}

std::string quote_table(const TableName& table) { return quote_table(table.schema, table.name); }

std::string quote_tables(const std::vector<TableName>& tables) {
  std::string list;
  for (const TableName& table : tables) list += (list.empty() ? "" : ", ") + quote_table(table);
  return list;
}

}  // namespace walpulse::database
