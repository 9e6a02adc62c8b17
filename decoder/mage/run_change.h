#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/mage/pipeline_run.h"
#include "decoder/schema/change_event.h"

namespace walpulse::mage {

/// What a change event says about one run: all that the monitor wants to know of it.
struct RunChange {
  std::string name;   ///< The source's.
  std::string table;  ///< "public.pipeline_run".
  schema::Operation operation = schema::Operation::insert;
  schema::Position position;
  Timestamp commit_time;
  std::vector<schema::Label> labels;
  /// Of deletes the row as it was. Malformed as by read_pipeline_run; of truncates an empty run.
  Result<PipelineRun> run;
  /// The run had another id before: an insert that carries its life on.
  bool key_changed = false;
  /// False where the row lacks what every version of pipeline_run has: it is another table's.
  bool of_a_run = true;
};

/// schema::parse_event and read_pipeline_run in one, to the same end, without the table and the
/// rows that lie between: this is the monitor's hot path. Malformed as by schema::parse_event.
Result<RunChange> parse_run_change(std::string_view json);

}  // namespace walpulse::mage
