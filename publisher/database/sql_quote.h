#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/table_name.h"

namespace walpulse::database {

/// `"my table"`: always quoted, so that no name is folded or taken for a keyword.
std::string quote_identifier(std::string_view name);
/// `'it''s'`, right under standard_conforming_strings (on since PostgreSQL 9.1).
std::string quote_literal(std::string_view text);
/// `"public"."pipeline_run"`.
std::string quote_table(std::string_view schema, std::string_view table);
std::string quote_table(const TableName& table);
/// Of several, with commas between them.
std::string quote_tables(const std::vector<TableName>& tables);

}  // namespace walpulse::database
