#include "decoder/mage/block_run.h"

#include <utility>

namespace walpulse::mage {

Result<BlockRun> read_block_run(const Cells<BlockColumn>& cells, std::string_view schema,
                                std::string_view table) {
  ColumnReader columns(cells, schema, table);
  BlockRun block;
  block.id = columns.id(BlockColumn::id);
  block.created_at = columns.timestamp(BlockColumn::created_at);
  block.pipeline_run_id = columns.integer(BlockColumn::pipeline_run_id);
  block.block_uuid = columns.string(BlockColumn::block_uuid);
  block.status = columns.string(BlockColumn::status);
  block.completed_at = columns.timestamp(BlockColumn::completed_at);
  block.started_at = columns.timestamp(BlockColumn::started_at);
  return columns.finish(std::move(block));
}

}  // namespace walpulse::mage
