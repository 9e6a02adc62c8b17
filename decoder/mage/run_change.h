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

/// Reads what schema::append_json wrote, and of its rows no more than the run: this is the
/// monitor's hot path. Malformed where the document or a field that every event carries does not
/// read; unknown fields are ignored, so that a newer writer of the same version can be read.
Result<RunChange> parse_run_change(std::string_view json);

}  // namespace walpulse::mage
