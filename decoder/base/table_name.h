#pragma once

#include <string>

namespace walpulse {

struct TableName {
  std::string schema;
  std::string name;
  bool operator==(const TableName&) const = default;
};

/// "public.pipeline_run", as events have it; in SQL it stands in quotes.
inline std::string to_string(const TableName& table) { return table.schema + "." + table.name; }

}  // namespace walpulse
