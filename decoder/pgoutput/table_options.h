#pragma once

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

/// One of the tables whose changes become events.
struct TableOptions {
  Oid oid;         ///< Whatever it is called at the time.
  TableName name;  ///< What every event calls it. Another table under this name ends the capture.
  /// Columns that leave home though they hold JSON or have a secret's name.
  std::vector<std::string> columns;
  std::vector<LabelRule> labels;
  /// The primary key's columns. Where the replica identity holds them all it may hold more (FULL:
  /// everything), and what tells rows apart is these. Empty: as the server says.
  std::vector<std::string> key_columns;
};

}  // namespace walpulse::decoder
