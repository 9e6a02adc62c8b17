#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "decoder/base/json_writer.h"
#include "decoder/base/type_oids.h"
#include "decoder/schema/event_json.h"

namespace walpulse::schema {
namespace {

/// True where `text` is exactly what to_chars writes for an int64: "007", "-0" and "1e3" are not.
bool is_canonical_integer(std::string_view text) {
  if (text == "0") return true;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits[0] < '1' || digits[0] > '9') return false;
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end;
}

void append_timestamptz(std::string_view text, JsonWriter& to) {
  if (std::array<char, 27> utc; utc_rfc3339(text, utc)) {
    to.put('"');
    to.put(std::string_view(utc.data(), utc.size()));
    to.put('"');
    return;
  }
  std::string converted;
  append_rfc3339(text, converted);
  to.text(converted);
}

void append_value(Oid type, std::string_view text, JsonWriter& to) {
  if (is_integer(type) && is_canonical_integer(text)) {
    to.put(text);
  } else if (type == kBoolOid && (text == "t" || text == "f")) {
    to.put(text == "t" ? "true" : "false");
  } else if (type == kTimestamptzOid) {
    append_timestamptz(text, to);
  } else {
    to.text(text);
  }
}

/// Begins an element of an array or object: a comma, but for the first.
void separate(bool& first, JsonWriter& to) {
  if (!first) to.put(',');
  first = false;
}

void append_row(const Table& table, const Row& row, JsonWriter& to) {
  to.put('{');
  bool first = true;
  for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) {
    const Cell& cell = row[i];
    if (cell.state != Cell::State::value && cell.state != Cell::State::null) continue;
    separate(first, to);
    to.name(table.columns[i].name);
    to.put(':');
    if (cell.state == Cell::State::null) {
      to.put("null");
    } else {
      append_value(table.columns[i].type, cell.text, to);
    }
  }
  to.put('}');
}

/// A row of which nothing is known is no row.
bool is_known(const Row& row) {
  return std::any_of(row.begin(), row.end(), [](const Cell& cell) {
    return cell.state != Cell::State::absent && cell.state != Cell::State::unchanged;
  });
}

bool has_state(const Row& row, std::size_t column, Cell::State state) {
  return column < row.size() && row[column].state == state;
}

/// `,"<field>":["a","b"]` of the columns that `chosen` names; nothing where it names none.
template <class Chosen>
void append_column_list(std::string_view field, const Table& table, Chosen chosen, JsonWriter& to) {
  bool first = true;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!chosen(i)) continue;
    if (first) {
      to.put(",\"");
      to.put(field);
      to.put("\":[");
    }
    separate(first, to);
    to.name(table.columns[i].name);
  }
  if (!first) to.put(']');
}

void append_rows(const ChangeEvent& event, JsonWriter& to) {
  const bool has_after =
      event.operation != Operation::remove && event.operation != Operation::truncate;
  to.put(",\"before\":");
  if (is_known(event.before)) {
    append_row(*event.table, event.before, to);
  } else {
    to.put("null");
  }
  to.put(",\"after\":");
  if (has_after) {
    append_row(*event.table, event.after, to);
  } else {
    to.put("null");
  }
  if (is_known(event.previous_key)) {
    to.put(",\"previous_key\":");
    append_row(*event.table, event.previous_key, to);
  }
  if (event.operation == Operation::truncate) {
    to.put(",\"truncate\":{\"cascade\":");
    to.put(event.cascade ? "true" : "false");
    to.put(",\"restart_identity\":");
    to.put(event.restart_identity ? "true}" : "false}");
  }
  append_column_list(
      "unchanged", *event.table,
      [&](std::size_t i) { return has_state(event.after, i, Cell::State::unchanged); }, to);
  append_column_list(
      "dropped", *event.table,
      [&](std::size_t i) {
        return has_state(event.before, i, Cell::State::dropped) ||
               has_state(event.after, i, Cell::State::dropped);
      },
      to);
}

std::int64_t milliseconds(Timestamp instant) {
  return std::chrono::floor<std::chrono::milliseconds>(instant).time_since_epoch().count();
}

void append_source(const ChangeEvent& event, JsonWriter& to) {
  const bool snapshot = event.operation == Operation::read;
  to.put(",\"source\":{\"version\":\"");
  to.put(kProgramVersion);
  to.put("\",\"connector\":\"postgresql\",\"name\":");
  to.name(event.source->name);
  to.put(",\"ts_ms\":");
  to.decimal(milliseconds(event.commit_time));
  to.put(",\"ts_us\":");
  to.decimal(event.commit_time.time_since_epoch().count());
  to.put(snapshot ? ",\"snapshot\":\"true\",\"db\":" : ",\"snapshot\":\"false\",\"db\":");
  to.name(event.source->database);
  to.put(",\"schema\":");
  to.name(event.table->schema);
  to.put(",\"table\":");
  to.name(event.table->name);
  if (!snapshot) {
    to.put(",\"txId\":");
    to.decimal(event.xid.value);
  }
  to.put(",\"lsn\":");
  to.decimal(event.lsn.value);
  to.put(",\"commit_lsn\":");
  to.decimal(event.position.commit_lsn.value);
  if (!snapshot) {
    to.put(",\"ordinal\":");
    to.decimal(event.position.ordinal);
  }
  to.put(",\"epoch\":");
  to.decimal(event.position.epoch);
  // Debezium's form: a string that holds a JSON array of strings.
  to.put(",\"sequence\":\"[\\\"");
  to.decimal(event.position.commit_lsn.value);
  to.put("\\\",\\\"");
  to.decimal(event.lsn.value);
  to.put("\\\"]\"}");
}

void append_transaction(const ChangeEvent& event, JsonWriter& to) {
  if (event.operation == Operation::read) {
    to.put(",\"transaction\":null");
    return;
  }
  const std::uint64_t order = static_cast<std::uint64_t>(event.position.ordinal) + 1;
  to.put(",\"transaction\":{\"id\":\"");
  to.decimal(event.xid.value);
  to.put(':');
  to.decimal(event.position.commit_lsn.value);
  to.put("\",\"total_order\":");
  to.decimal(order);
  to.put(",\"data_collection_order\":");
  to.decimal(order);
  to.put('}');
}

void append_labels(const std::vector<Label>& labels, JsonWriter& to) {
  if (labels.empty()) return;
  to.put(",\"labels\":{");
  bool first = true;
  for (const Label& label : labels) {
    separate(first, to);
    to.name(label.name);
    to.put(':');
    to.name(label.value);
  }
  to.put('}');
}

/// About what the event takes, so that the text is not copied each time that it outgrows its
/// memory.
std::size_t json_bytes(const ChangeEvent& event) {
  constexpr std::size_t kFrame = 640;  // Everything but the rows and labels, with long names.
  constexpr std::size_t kValue = 12;   // Quotes, colon, comma, and what a timestamp grows by.
  std::size_t bytes = kFrame + 64 * event.labels.size() + (event.error ? event.error->size() : 0);
  for (const Row* row : {&event.before, &event.after, &event.previous_key}) {
    for (std::size_t i = 0; i < row->size() && i < event.table->columns.size(); ++i) {
      const Cell& cell = (*row)[i];
      if (cell.state == Cell::State::absent) continue;
      bytes += event.table->columns[i].name.size() + cell.text.size() + kValue;
    }
  }
  return bytes;
}

}  // namespace

void append_json(const ChangeEvent& event, std::string& out) {
  JsonWriter to(out, json_bytes(event));
  to.put("{\"op\":\"");
  to.put(static_cast<char>(event.operation));
  to.put("\",\"ts_ms\":");
  to.decimal(milliseconds(event.commit_time));
  append_rows(event, to);
  append_source(event, to);
  append_transaction(event, to);
  append_labels(event.labels, to);
  if (event.error) {
    to.put(",\"error\":");
    to.name(*event.error);
  }
  to.put('}');
}

}  // namespace walpulse::schema
