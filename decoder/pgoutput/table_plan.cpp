#include "decoder/pgoutput/table_plan.h"

#include <algorithm>
#include <cassert>

#include "decoder/pgoutput/home.h"
#include "decoder/pgoutput/label.h"

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

}  // namespace

TablePlan::TablePlan(std::shared_ptr<const schema::Table> table, const TableOptions& options)
    : table_(std::move(table)), full_tells_keys_(!options.key_columns.empty()) {
  for (const auto& column : table_->columns) {
    stays_home_.push_back(stays_home(column, options));
    if (is_withheld(column, options)) withheld_.push_back(column.name);
  }
  const auto& never = options.never;
  const auto may_lend = [&](const std::string& column) {
    return std::find(never.begin(), never.end(), column) == never.end();
  };
  for (const LabelRule& rule : options.labels) {
    const auto column = place_of(rule.column);
    if (column && may_lend(rule.column)) labels_.push_back({&rule, *column});
  }
  if (!options.error) return;
  const auto column = place_of(options.error->column);
  const auto status = place_of(options.error->status_column);
  if (column && status) error_ = PlannedError{&*options.error, *column, *status};
}

std::optional<std::size_t> TablePlan::place_of(const std::string& column) const {
  const auto& columns = table_->columns;
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& one) { return one.name == column; });
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

bool TablePlan::key_changed(const std::optional<OldRow>& old_row, const Tuple& tuple) const {
  if (!old_row) return false;
  if (old_row->extent == OldRow::Extent::full && !full_tells_keys_) return false;
  for (std::size_t i = 0; i < tuple.values.size(); ++i) {
    const Value& now = tuple.values[i];
    const Value& before = old_row->tuple.values[i];
    if (!table_->columns[i].key || now.kind == Value::Kind::unchanged) continue;
    if (now.kind != before.kind || now.bytes != before.bytes) return true;
  }
  return false;
}

void TablePlan::fill_key(const OldRow& old_row, schema::Row& row) const {
  row.resize(stays_home_.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = table_->columns[i].key ? old_cell(old_row, i) : Cell{};
  }
}

void TablePlan::fill_old(const OldRow& old_row, schema::Row& row) const {
  assert(old_row.tuple.values.size() == stays_home_.size());
  row.resize(stays_home_.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = holds(old_row, i) ? old_cell(old_row, i) : Cell{};
  }
}

void TablePlan::fill_new(const Tuple& tuple, const std::optional<OldRow>& old_row,
                         schema::Row& row) const {
  assert(tuple.values.size() == stays_home_.size());
  row.resize(tuple.values.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = stays_home_[i] ? Cell{} : cell_of(resent(tuple, old_row, i));
  }
}

std::uint64_t TablePlan::fill_labels(const Tuple& tuple, const std::optional<OldRow>& old_row,
                                     std::vector<schema::Label>& labels) {
  std::uint64_t faults = 0;
  for (const PlannedLabel& planned : labels_) {
    const Value& value = resent(tuple, old_row, planned.column);
    if (value.kind != Value::Kind::text) continue;
    auto reading = read_label(value.bytes, planned.rule->path, scratch_);
    if (reading.value) labels.push_back({planned.rule->name, *std::move(reading.value)});
    if (reading.faulty) ++faults;
  }
  return faults;
}

bool TablePlan::fill_error(const Tuple& tuple, const std::optional<OldRow>& old_row,
                           std::optional<std::string>& error) {
  error.reset();
  if (!error_) return false;
  const Value& status = resent(tuple, old_row, error_->status);
  const Value& value = resent(tuple, old_row, error_->column);
  if (status.kind != Value::Kind::text || status.bytes != error_->rule->status) return false;
  if (value.kind == Value::Kind::null) error.emplace();
  if (value.kind != Value::Kind::text) return false;
  auto reading = read_first_line(value.bytes, error_->rule->path, scratch_);
  if (reading.value || !reading.faulty) error = std::move(reading.value).value_or("");
  return reading.faulty;
}

const Value& TablePlan::resent(const Tuple& tuple, const std::optional<OldRow>& old_row,
                               std::size_t column) const {
  const Value& value = tuple.values[column];
  if (value.kind != Value::Kind::unchanged || !old_row) return value;
  return holds(*old_row, column) ? old_row->tuple.values[column] : value;
}

/// No column of a replica identity that is an index can be null: in a key tuple, null means that
/// the column is outside.
bool TablePlan::holds(const OldRow& old_row, std::size_t column) const {
  return old_row.extent == OldRow::Extent::full ||
         old_row.tuple.values[column].kind != Value::Kind::null;
}

/// The server detoasts old tuples; should it not, then nothing is known of the value.
Cell TablePlan::old_cell(const OldRow& old_row, std::size_t column) const {
  const Value& value = old_row.tuple.values[column];
  const bool unknown = value.kind == Value::Kind::unchanged || stays_home_[column];
  return unknown ? Cell{} : cell_of(value);
}

}  // namespace walpulse::decoder
