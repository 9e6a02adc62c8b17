#include <algorithm>
#include <vector>

#include "decoder/base/json_text.h"
#include "decoder/schema/event_json.h"

namespace walpulse::schema {
namespace {

/// A column that may be left out, and what its values take in the JSON.
struct Candidate {
  std::size_t column;
  std::size_t json_bytes;
};

std::size_t value_bytes(const Row& row, std::size_t column, std::string& scratch) {
  if (column >= row.size() || row[column].state != Cell::State::value) return 0;
  scratch.clear();
  append_json_text(row[column].text, scratch);
  return scratch.size();
}

/// The largest last; among equals the last one of the table, so that the choice is always the same.
std::vector<Candidate> candidates(const ChangeEvent& event) {
  std::vector<Candidate> columns;
  std::string scratch;
  for (std::size_t i = 0; i < event.table->columns.size(); ++i) {
    if (event.table->columns[i].key) continue;
    const std::size_t bytes =
        value_bytes(event.before, i, scratch) + value_bytes(event.after, i, scratch);
    if (bytes > 0) columns.push_back({i, bytes});
  }
  std::stable_sort(columns.begin(), columns.end(), [](const Candidate& a, const Candidate& b) {
    return a.json_bytes < b.json_bytes;
  });
  return columns;
}

void drop(Row& row, std::size_t column) {
  if (column < row.size() && row[column].state == Cell::State::value) {
    row[column] = {Cell::State::dropped, {}};
  }
}

}  // namespace

Result<std::size_t> append_json_within(ChangeEvent& event, std::size_t bytes_max,
                                       std::string& out) {
  const std::size_t begin = out.size();
  append_json(event, out);
  if (out.size() - begin <= bytes_max) return 0;

  std::vector<Candidate> columns = candidates(event);
  std::size_t dropped_count = 0;
  while (out.size() - begin > bytes_max) {
    if (columns.empty()) {
      const std::size_t size = out.size() - begin;
      out.resize(begin);
      return fail(ErrorKind::rejected,
                  "an event of " + qualified_name(*event.table) + " takes " + std::to_string(size) +
                      " bytes even without its non-key columns; the limit is " +
                      std::to_string(bytes_max));
    }
    // As long as the values dropped do not even make up the excess, writing again is no use.
    std::size_t excess = out.size() - begin - bytes_max;
    do {
      const Candidate largest = columns.back();
      columns.pop_back();
      drop(event.before, largest.column);
      drop(event.after, largest.column);
      ++dropped_count;
      // The name moves to `dropped` at the least, so a value's bytes are all that is surely saved.
      excess -= std::min(excess, largest.json_bytes);
    } while (excess > 0 && !columns.empty());
    out.resize(begin);
    append_json(event, out);
  }
  return dropped_count;
}

}  // namespace walpulse::schema
