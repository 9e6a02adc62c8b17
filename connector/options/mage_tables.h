#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/table_name.h"

namespace walpulse::connector {

// Mage's tables that are captured.
inline constexpr std::string_view kRuns = "pipeline_run";
inline constexpr std::string_view kTriggers = "pipeline_schedule";
inline constexpr std::string_view kBlocks = "block_run";

/// The runs first: heartbeats are called after them, and without them there is nothing to capture.
inline std::vector<TableName> mage_tables(const std::string& schema) {
  return {{schema, std::string(kRuns)},
          {schema, std::string(kTriggers)},
          {schema, std::string(kBlocks)}};
}

/// Starts runs, for whoever has it: of this table the column leaves the database under no flag.
inline constexpr std::string_view kTriggerSecret = "token";

/// A column that `--column` names: "variables" of the first table, "block_run.metrics" of another.
struct NamedColumn {
  std::string_view table;  ///< One of Mage's other tables; empty: the first one.
  std::string_view column;
};
inline NamedColumn named_column(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return {{}, text};
  const std::string_view table = text.substr(0, dot);
  if (table == kRuns) return {{}, text.substr(dot + 1)};
  if (table == kTriggers || table == kBlocks) return {table, text.substr(dot + 1)};
  return {{}, text};
}

}  // namespace walpulse::connector
