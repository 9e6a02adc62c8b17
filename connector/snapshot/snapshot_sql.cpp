#include "connector/snapshot/snapshot_sql.h"

#include <algorithm>
#include <cstdio>

#include "decoder/pgoutput/home.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

/// Children of an inherited table are not its rows in the stream either.
std::string from(const schema::Table& table) {
  return " FROM ONLY " + database::quote_table(table.schema, table.name);
}

/// In quotes a number keeps its sign, and becomes whatever integer the column is.
std::string compare(const std::string& column, const char* how, std::int64_t id) {
  return column + how + "bigint '" + std::to_string(id) + "'";
}

/// A line's end closes a comment that the condition may end with.
std::string in_parentheses(const std::string& where) { return "(" + where + "\n)"; }

std::string conditions(const schema::Table& table, std::size_t key, const SnapshotOptions& options,
                       const std::optional<std::int64_t>& after) {
  const std::string id = database::quote_identifier(table.columns[key].name);
  std::string text = " WHERE true";
  if (after) {
    text += " AND " + compare(id, " > ", *after);
  } else if (options.from_id) {
    text += " AND " + compare(id, " >= ", *options.from_id);
  }
  if (options.to_id) text += " AND " + compare(id, " <= ", *options.to_id);
  return text;
}

}  // namespace

std::vector<bool> columns_to_read(const schema::Table& table,
                                  const decoder::TableOptions& options) {
  const auto& never = options.never;
  std::vector<bool> read;
  read.reserve(table.columns.size());
  for (const auto& column : table.columns) {
    const bool lends =
        std::any_of(options.labels.begin(), options.labels.end(),
                    [&](const auto& label) { return label.column == column.name; }) ||
        (options.error && options.error->column == column.name);
    const bool may = std::find(never.begin(), never.end(), column.name) == never.end();
    read.push_back(!decoder::stays_home(column, options) || (lends && may));
  }
  return read;
}

std::string chunk_sql(const schema::Table& table, std::size_t key, const std::vector<bool>& read,
                      const SnapshotOptions& options, const Chunk& chunk) {
  std::string text = "SELECT ";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) text += ", ";
    text += read[i] ? database::quote_identifier(table.columns[i].name) : "NULL";
  }
  text += from(table) + conditions(table, key, options, chunk.after);
  if (!options.where.empty()) text += " AND " + in_parentheses(options.where);
  return text + " ORDER BY " + database::quote_identifier(table.columns[key].name) + " LIMIT " +
         std::to_string(chunk.rows_max);
}

std::string ids_sql(const schema::Table& table, std::size_t key, const SnapshotOptions& options) {
  return "SELECT " + database::quote_identifier(table.columns[key].name) + " AS id" + from(table) +
         conditions(table, key, options, std::nullopt);
}

std::string where_check_sql(const schema::Table& table, const std::string& where) {
  return "SELECT 1" + from(table) + " WHERE " + in_parentheses(where) + " AND CASE WHEN " + where +
         "\n THEN true END AND $1::text IS NOT NULL LIMIT 0";
}

std::string name_sql(Oid table) {
  // 1259 is pg_class. Functions of this kind look where the names in a statement are looked up.
  return "SELECT names[1], names[2] FROM (SELECT (pg_identify_object_as_address(1259, " +
         std::to_string(table.value) + ", 0)).object_names) called (names)";
}

std::string hold_sql(const schema::Table& table) { return "SELECT 1" + from(table) + " LIMIT 0"; }

std::string snapshot_slot_name(const std::string& slot, int pid, std::uint32_t random) {
  constexpr std::size_t kNameBytesMax = 63;
  char end[64];
  std::snprintf(end, sizeof end, "_snapshot_%d_%08x", pid, random);
  return slot.substr(0, kNameBytesMax - std::string_view(end).size()) + end;
}

}  // namespace walpulse::connector
