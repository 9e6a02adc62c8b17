#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/mage/columns.h"

namespace walpulse::mage {

/// A row of Mage's block_run: one block of one run. Only `id` is NOT NULL in Mage's schema; a
/// column that is NULL, absent or unchanged is nullopt.
struct BlockRun {
  std::int64_t id = 0;
  std::optional<Timestamp> created_at;
  std::optional<std::int64_t> pipeline_run_id;
  std::optional<std::string> block_uuid;  ///< "load", "name:a" (dynamic), "BLOCK:STREAM:INDEX".
  /// INITIAL, QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, UPSTREAM_FAILED, CONDITION_FAILED; an
  /// open set.
  std::optional<std::string> status;
  std::optional<Timestamp> completed_at;
  std::optional<Timestamp> started_at;
  /// The first line of why it failed. Empty: there is no error, its time was over. Nothing: nobody
  /// says, since errors stay with the database.
  std::optional<std::string> error;
  bool operator==(const BlockRun&) const = default;
};

enum class BlockColumn : std::uint8_t {
  id,
  created_at,
  pipeline_run_id,
  block_uuid,
  status,
  completed_at,
  started_at,
};
template <>
struct ColumnNames<BlockColumn> {
  static constexpr std::array<std::string_view, 7> kAll = {
      "id", "created_at", "pipeline_run_id", "block_uuid", "status", "completed_at", "started_at"};
};

/// All but the error, which stands beside the row. Malformed where `id` is missing or a value does
/// not read as its column's type.
Result<BlockRun> read_block_run(const Cells<BlockColumn>& cells, std::string_view schema,
                                std::string_view table);

}  // namespace walpulse::mage
