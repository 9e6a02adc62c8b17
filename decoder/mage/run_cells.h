#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "decoder/mage/pipeline_run.h"
#include "decoder/schema/change_event.h"

namespace walpulse::mage {

/// The columns of pipeline_run that the metrics need, in the order of Mage's table.
enum class RunColumn : std::uint8_t {
  id,
  created_at,
  pipeline_schedule_id,
  pipeline_uuid,
  execution_date,
  status,
  completed_at,
  passed_sla,
  backfill_id,
  started_at,
};
inline constexpr std::array<std::string_view, 10> kRunColumns = {
    "id",     "created_at",   "pipeline_schedule_id", "pipeline_uuid", "execution_date",
    "status", "completed_at", "passed_sla",           "backfill_id",   "started_at"};
constexpr std::string_view name_of(RunColumn column) {
  return kRunColumns[static_cast<std::size_t>(column)];
}

/// Picks them out of a row, whatever its columns and their order. Borrows names and text.
class RunCells {
 public:
  /// One after the other; of a name that occurs twice the first counts.
  void offer(std::string_view name, const schema::Cell& cell) {
    // Rows mostly come in Mage's order: the next column is tried first.
    for (std::size_t tried = 0; tried < kRunColumns.size(); ++tried) {
      const std::size_t column = (next_ + tried) % kRunColumns.size();
      if (kRunColumns[column] != name) continue;
      next_ = column + 1;
      if (!cells_[column]) cells_[column] = &cell;
      return;
    }
  }
  /// Also where it is null.
  bool has(RunColumn column) const { return cells_[static_cast<std::size_t>(column)] != nullptr; }
  /// Nothing where the row has no value there.
  std::optional<std::string_view> text(RunColumn column) const {
    const schema::Cell* cell = cells_[static_cast<std::size_t>(column)];
    if (cell == nullptr || cell->state != schema::Cell::State::value) return std::nullopt;
    return cell->text;
  }

 private:
  std::array<const schema::Cell*, kRunColumns.size()> cells_{};
  std::size_t next_ = 0;
};

/// Reads by column name, never by place: Mage's versions differ. Malformed where `id` is missing or
/// a value does not read as its column's type; the text names the column of `schema`.`table`, not
/// the value.
Result<PipelineRun> read_pipeline_run(const RunCells& cells, std::string_view schema,
                                      std::string_view table);

}  // namespace walpulse::mage
