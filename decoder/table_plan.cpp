#include "decoder/table_plan.h"

#include <algorithm>
#include <cassert>

#include "decoder/label.h"
#include "decoder/schema/type_oids.h"

namespace walpulse::decoder {
namespace {

using schema::Cell;

Cell cell_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return {Cell::State::null, {}};
    case Value::Kind::unchanged:
      return {Cell::State::unchanged, {}};
    default:
      return {Cell::State::value, value.bytes};
  }
}

/// The full old tuple of an update under REPLICA IDENTITY FULL; null without.
const Tuple* full_tuple(const std::optional<OldRow>& old_row) {
  const bool full = old_row && old_row->extent == OldRow::Extent::full;
  return full ? &old_row->tuple : nullptr;
}

const Value& resent(const Tuple& tuple, const Tuple* old_tuple, std::size_t column) {
  const Value& value = tuple.values[column];
  const bool take_old = value.kind == Value::Kind::unchanged && old_tuple != nullptr;
  return take_old ? old_tuple->values[column] : value;
}

}  // namespace

TablePlan::TablePlan(std::shared_ptr<const schema::Table> table, const EventDecoderOptions& options)
    : table_(std::move(table)) {
  const auto& kept = options.json_columns;
  for (const auto& column : table_->columns) {
    stays_home_.push_back(schema::is_json(column.type) &&
                          std::find(kept.begin(), kept.end(), column.name) == kept.end());
  }
  for (const LabelRule& rule : options.labels) {
    const auto& columns = table_->columns;
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& column) { return column.name == rule.column; });
    if (found == columns.end()) continue;
    labels_.push_back({&rule, static_cast<std::size_t>(found - columns.begin())});
  }
}

void TablePlan::fill_old(const OldRow& old_row, schema::Row& row) const {
  const auto& values = old_row.tuple.values;
  assert(values.size() == stays_home_.size());
  const bool key_only = old_row.extent == OldRow::Extent::key;
  row.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    // The server detoasts old tuples; should it not, then nothing is known of the value.
    const bool unknown = values[i].kind == Value::Kind::unchanged ||
                         (key_only && !table_->columns[i].key) || stays_home_[i];
    row[i] = unknown ? Cell{} : cell_of(values[i]);
  }
}

void TablePlan::fill_new(const Tuple& tuple, const std::optional<OldRow>& old_row,
                         schema::Row& row) const {
  assert(tuple.values.size() == stays_home_.size());
  const Tuple* const old_tuple = full_tuple(old_row);
  row.resize(tuple.values.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = stays_home_[i] ? Cell{} : cell_of(resent(tuple, old_tuple, i));
  }
}

void TablePlan::fill_labels(const Tuple& tuple, const std::optional<OldRow>& old_row,
                            std::vector<schema::Label>& labels) {
  const Tuple* const old_tuple = full_tuple(old_row);
  for (const PlannedLabel& planned : labels_) {
    const Value& value = resent(tuple, old_tuple, planned.column);
    if (value.kind != Value::Kind::text) continue;
    auto label = label_value(value.bytes, planned.rule->path, scratch_);
    if (label) labels.push_back({planned.rule->name, *std::move(label)});
  }
}

}  // namespace walpulse::decoder
