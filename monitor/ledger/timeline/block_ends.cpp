#include "monitor/ledger/timeline/block_ends.h"

#include <algorithm>
#include <array>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/timeline/observe.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

constexpr std::array<std::string_view, 4> kBlockEnds{mage::kCompleted, mage::kFailed,
                                                     "UPSTREAM_FAILED", "CONDITION_FAILED"};

bool ends_block(const std::optional<std::string>& status) {
  return status && std::find(kBlockEnds.begin(), kBlockEnds.end(), *status) != kBlockEnds.end();
}
bool has_ended(const std::optional<std::string>& status) {
  return ends_block(status) || status == mage::kCancelled;
}

/// Follows the rows of one block in the order of the log.
class BlockWalk {
 public:
  /// The end that this row makes, if it makes one. Its texts are the row's.
  std::optional<BlockEnd> visit(const RowEntry& entry) {
    const auto* block = entry.row ? std::get_if<mage::BlockRun>(&*entry.row) : nullptr;
    if (block == nullptr || entry.operation == Operation::insert) *this = BlockWalk();
    if (block == nullptr) return std::nullopt;
    const bool known = entry.operation == Operation::insert || seen_;
    if (entry.operation == Operation::read && streamed_) return std::nullopt;
    std::optional<BlockEnd> end;
    const bool counts = known && entry.operation != Operation::read;
    if (counts) end = step(*block, entry.commit_time);
    if (has_ended(block->status) && (!counts || block->status != status_))
      end_ = EndTimes{block->started_at, block->completed_at, entry.commit_time};
    status_ = block->status;
    seen_ = true;
    streamed_ = streamed_ || entry.operation != Operation::read;
    return end;
  }

 private:
  std::optional<BlockEnd> step(const mage::BlockRun& block, Timestamp commit_time) {
    const bool revived = has_ended(status_) && !has_ended(block.status);
    if (revived || !running_since_)
      running_since_ = block.status == mage::kRunning ? std::optional(commit_time) : std::nullopt;
    if (!ends_block(block.status) || block.status == status_) return std::nullopt;
    const EndTimes times{block.started_at, block.completed_at, commit_time};
    return BlockEnd{block_name(block.block_uuid), *block.status,
                    seconds_taken(times, end_ ? &*end_ : nullptr, running_since_)};
  }

  bool seen_ = false;      ///< What the block's status was is known.
  bool streamed_ = false;  ///< By a change, not only by what a snapshot read.
  std::optional<std::string> status_;
  std::optional<EndTimes> end_;             ///< The last one.
  std::optional<Timestamp> running_since_;  ///< The commit of the first RUNNING after it.
};

}  // namespace

bool had_come(const schema::Position& position, const schema::Position& by) {
  return position.epoch != by.epoch ? position.epoch < by.epoch
                                    : position.commit_lsn <= by.commit_lsn;
}

std::vector<BlockEnd> block_ends(const TableRow& row, const schema::Position& since,
                                 const schema::Position& until) {
  std::vector<BlockEnd> ends;
  BlockWalk walk;
  for (const RowEntry& entry : row.entries) {
    if (!had_come(entry.position, until)) break;
    const auto end = walk.visit(entry);
    if (end && !had_come(entry.position, since)) ends.push_back(*end);
  }
  return ends;
}

std::string_view block_name(const std::optional<std::string>& block_uuid) {
  const std::string_view whole = block_uuid ? std::string_view(*block_uuid) : std::string_view();
  const std::string_view name = whole.substr(0, whole.find(':'));
  return name.empty() ? kUnknown : name;
}

}  // namespace walpulse::monitor
