#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"

namespace walpulse::mage {

/// For each enum of a table's columns that we read their names, in the order of Mage's table:
/// `kAll`, an array.
template <class Column>
struct ColumnNames;

template <class Column>
constexpr std::string_view name_of(Column column) {
  return ColumnNames<Column>::kAll[static_cast<std::size_t>(column)];
}

/// Picks the columns that we read out of a row, whatever its columns and their order: Mage's
/// versions differ. Borrows names and text.
template <class Column>
class Cells {
 public:
  /// One after the other; of a name that occurs twice the first counts.
  void offer(std::string_view name, const schema::Cell& cell) {
    // Rows mostly come in Mage's order: the next column is tried first.
    for (std::size_t tried = 0; tried < kNames.size(); ++tried) {
      const std::size_t column = (next_ + tried) % kNames.size();
      if (kNames[column] != name) continue;
      next_ = column + 1;
      if (!cells_[column]) cells_[column] = &cell;
      return;
    }
  }
  /// Also where it is null.
  bool has(Column column) const { return cells_[static_cast<std::size_t>(column)] != nullptr; }
  /// Nothing where the row has no value there.
  std::optional<std::string_view> text(Column column) const {
    const schema::Cell* cell = cells_[static_cast<std::size_t>(column)];
    if (cell == nullptr || cell->state != schema::Cell::State::value) return std::nullopt;
    return cell->text;
  }

 private:
  static constexpr auto& kNames = ColumnNames<Column>::kAll;
  std::array<const schema::Cell*, kNames.size()> cells_{};
  std::size_t next_ = 0;
};

/// Reads a row's columns as their types. The first value that does not read as asked for latches;
/// the later ones are then of no interest. The text names the column of `schema`.`table`, not the
/// value.
template <class Column>
class ColumnReader {
 public:
  ColumnReader(const Cells<Column>& cells, std::string_view schema, std::string_view table)
      : cells_(cells), schema_(schema), table_(table) {}

  /// In UTF-8, also out of an SQL_ASCII database: it is a name, and goes where nothing else is
  /// read.
  std::optional<std::string> string(Column column) const {
    const auto value = cells_.text(column);
    return value ? std::optional<std::string>(utf8_or_replaced(std::string(*value))) : std::nullopt;
  }

  std::optional<std::int64_t> integer(Column column) {
    const auto value = cells_.text(column);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    const char* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc{} || stop != end) return refuse(column, "an integer");
    return number;
  }

  std::optional<bool> boolean(Column column) {
    const auto value = cells_.text(column);
    if (!value) return std::nullopt;
    if (*value == "t" || *value == "true") return true;
    if (*value == "f" || *value == "false") return false;
    return refuse(column, "a boolean");
  }

  std::optional<Timestamp> timestamp(Column column) {
    const auto value = cells_.text(column);
    if (!value) return std::nullopt;
    if (const Result<Timestamp> instant = parse_timestamp(*value)) return *instant;
    // Of a column of type `timestamp`: Mage's clocks say UTC.
    if (const Result<Timestamp> utc = parse_timestamp(std::string(*value) + 'Z')) return *utc;
    return refuse(column, "a time");
  }

  /// Every table's `id`, which no row may lack.
  std::int64_t id(Column column) {
    const auto value = integer(column);
    if (!value && problem_.empty())
      problem_ = schema::qualified_name(schema_, table_) + ": the row holds no column id";
    return value.value_or(0);
  }

  /// What was read into `row`, or malformed.
  template <class Row>
  Result<Row> finish(Row row) const {
    if (!problem_.empty()) return fail(ErrorKind::malformed, problem_);
    return row;
  }

 private:
  std::nullopt_t refuse(Column column, const char* expected) {
    if (problem_.empty()) {
      problem_ = schema::qualified_name(schema_, table_) + '.' + std::string(name_of(column)) +
                 " is not " + expected;
    }
    return std::nullopt;
  }

  const Cells<Column>& cells_;
  const std::string_view schema_, table_;
  std::string problem_;
};

}  // namespace walpulse::mage
