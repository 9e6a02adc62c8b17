#pragma once

#include <algorithm>

#include "decoder/mage/run_cells.h"

namespace walpulse::mage {

/// A row as a run, which the monitor reads out of a document's members.
inline Result<PipelineRun> read_pipeline_run(const schema::Table& table, const schema::Row& row) {
  RunCells cells;
  const std::size_t width = std::min(table.columns.size(), row.size());
  for (std::size_t i = 0; i < width; ++i) cells.offer(table.columns[i].name, row[i]);
  return read_pipeline_run(cells, table.schema, table.name);
}

}  // namespace walpulse::mage
