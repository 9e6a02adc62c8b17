#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decoder/base/table_name.h"
#include "decoder/base/types.h"

namespace walpulse::decoder {

/// Lifts the scalar at `path` below the JSON column `column` into the event's labels. SQL NULL,
/// JSON null, a missing key, an unchanged column and a value that is not a scalar all mean: no
/// label; so does a value that cannot be read, which is counted.
struct LabelRule {
  std::string name;
  std::string column;
  std::vector<std::string> path;
};

/// Lifts the text at `path` below the JSON column `column` into the event's error, where the column
/// `status` says that the row failed: its first line, at most 300 characters.
struct ErrorRule {
  std::string column;
  std::vector<std::string> path;
  std::string status_column;
  std::string status;  ///< In words of its own the row says that it failed: "FAILED".
};

/// One of the tables whose changes become events.
struct TableOptions {
  Oid oid;         ///< Whatever it is called at the time.
  TableName name;  ///< What every event calls it. Another table under this name ends the capture.
  /// Columns that leave home though they hold JSON or have a secret's name.
  std::vector<std::string> columns;
  std::vector<LabelRule> labels;
  /// Columns that never leave home, whatever `columns` and `labels` say.
  std::vector<std::string> never = {};
  std::optional<ErrorRule> error = {};
  /// The column whose value decides the ordering key, where the row holds it; empty: the primary
  /// key does.
  std::string order_column = {};
  /// The primary key's columns. Where the replica identity holds them all it may hold more (FULL:
  /// everything), and what tells rows apart is these. Empty: as the server says.
  std::vector<std::string> key_columns;
};

}  // namespace walpulse::decoder
