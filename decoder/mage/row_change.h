#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "decoder/base/result.h"
#include "decoder/mage/block_run.h"
#include "decoder/mage/pipeline_schedule.h"
#include "decoder/mage/tables.h"
#include "decoder/schema/change_event.h"

namespace walpulse::mage {

/// A row of another table than that of runs.
using Row = std::variant<PipelineSchedule, BlockRun>;

/// What a change event says about one trigger or one block of a run.
struct RowChange {
  std::string name;   ///< The source's.
  std::string table;  ///< "public.block_run".
  schema::Operation operation = schema::Operation::insert;
  schema::Position position;
  Timestamp commit_time;
  /// Of a delete no more than the key; of a truncate an empty row. Malformed where its `id` is
  /// missing or a value does not read as its column's type.
  Result<Row> row;
  /// False where the row lacks what every version of its table has: another table has the name.
  bool fits = true;
};

/// As parse_run_change, of another table than that of runs: where the event is of a run it is
/// malformed.
Result<RowChange> parse_row_change(std::string_view json);

}  // namespace walpulse::mage
