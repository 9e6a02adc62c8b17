#include <algorithm>
#include <charconv>
#include <cstdint>

#include "decoder/schema/event_json.h"
#include "decoder/schema/json_text.h"
#include "decoder/schema/type_oids.h"

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

void append_timestamptz(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  out += '"';
  append_rfc3339(text, out);
  if (std::string_view(out).substr(begin + 1) == text) {
    // Not converted, so it may be any text: the ordinary road escapes it.
    out.resize(begin);
    append_json_text(text, out);
    return;
  }
  out += '"';
}

void append_value(Oid type, std::string_view text, std::string& out) {
  if (is_integer(type) && is_canonical_integer(text)) {
    out += text;
  } else if (type == kBoolOid && (text == "t" || text == "f")) {
    out += text == "t" ? "true" : "false";
  } else if (type == kTimestamptzOid) {
    append_timestamptz(text, out);
  } else {
    append_json_text(text, out);
  }
}

/// Begins an element of an array or object: a comma, but for the first.
void separate(bool& first, std::string& out) {
  if (!first) out += ',';
  first = false;
}

void append_row(const Table& table, const Row& row, std::string& out) {
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) {
    const Cell& cell = row[i];
    if (cell.state != Cell::State::value && cell.state != Cell::State::null) continue;
    separate(first, out);
    append_json_name(table.columns[i].name, out);
    out += ':';
    if (cell.state == Cell::State::null) {
      out += "null";
    } else {
      append_value(table.columns[i].type, cell.text, out);
    }
  }
  out += '}';
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
void append_column_list(std::string_view field, const Table& table, Chosen chosen,
                        std::string& out) {
  bool first = true;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!chosen(i)) continue;
    if (first) {
      out += ",\"";
      out += field;
      out += "\":[";
    }
    separate(first, out);
    append_json_name(table.columns[i].name, out);
  }
  if (!first) out += ']';
}

void append_rows(const ChangeEvent& event, std::string& out) {
  const bool has_after =
      event.operation != Operation::remove && event.operation != Operation::truncate;
  out += ",\"before\":";
  if (is_known(event.before)) {
    append_row(*event.table, event.before, out);
  } else {
    out += "null";
  }
  out += ",\"after\":";
  if (has_after) {
    append_row(*event.table, event.after, out);
  } else {
    out += "null";
  }
  if (event.operation == Operation::truncate) {
    out += ",\"truncate\":{\"cascade\":";
    out += event.cascade ? "true" : "false";
    out += ",\"restart_identity\":";
    out += event.restart_identity ? "true}" : "false}";
  }
  append_column_list(
      "unchanged", *event.table,
      [&](std::size_t i) { return has_state(event.after, i, Cell::State::unchanged); }, out);
  append_column_list(
      "dropped", *event.table,
      [&](std::size_t i) {
        return has_state(event.before, i, Cell::State::dropped) ||
               has_state(event.after, i, Cell::State::dropped);
      },
      out);
}

std::int64_t milliseconds(Timestamp instant) {
  return std::chrono::floor<std::chrono::milliseconds>(instant).time_since_epoch().count();
}

void append_source(const ChangeEvent& event, std::string& out) {
  const bool snapshot = event.operation == Operation::read;
  out += ",\"source\":{\"version\":\"";
  out += kProgramVersion;
  out += "\",\"connector\":\"postgresql\",\"name\":";
  append_json_name(event.source->name, out);
  out += ",\"ts_ms\":";
  append_decimal(milliseconds(event.commit_time), out);
  out += ",\"ts_us\":";
  append_decimal(event.commit_time.time_since_epoch().count(), out);
  out += snapshot ? ",\"snapshot\":\"true\",\"db\":" : ",\"snapshot\":\"false\",\"db\":";
  append_json_name(event.source->database, out);
  out += ",\"schema\":";
  append_json_name(event.table->schema, out);
  out += ",\"table\":";
  append_json_name(event.table->name, out);
  if (!snapshot) {
    out += ",\"txId\":";
    append_decimal(event.xid.value, out);
  }
  out += ",\"lsn\":";
  append_decimal(event.lsn.value, out);
  out += ",\"commit_lsn\":";
  append_decimal(event.position.commit_lsn.value, out);
  if (!snapshot) {
    out += ",\"ordinal\":";
    append_decimal(event.position.ordinal, out);
  }
  out += ",\"epoch\":";
  append_decimal(event.position.epoch, out);
  // Debezium's form: a string that holds a JSON array of strings.
  out += ",\"sequence\":\"[\\\"";
  append_decimal(event.position.commit_lsn.value, out);
  out += "\\\",\\\"";
  append_decimal(event.lsn.value, out);
  out += "\\\"]\"}";
}

void append_transaction(const ChangeEvent& event, std::string& out) {
  if (event.operation == Operation::read) {
    out += ",\"transaction\":null";
    return;
  }
  const std::uint64_t order = static_cast<std::uint64_t>(event.position.ordinal) + 1;
  out += ",\"transaction\":{\"id\":\"";
  append_decimal(event.xid.value, out);
  out += ':';
  append_decimal(event.position.commit_lsn.value, out);
  out += "\",\"total_order\":";
  append_decimal(order, out);
  out += ",\"data_collection_order\":";
  append_decimal(order, out);
  out += '}';
}

void append_labels(const std::vector<Label>& labels, std::string& out) {
  if (labels.empty()) return;
  out += ",\"labels\":{";
  bool first = true;
  for (const Label& label : labels) {
    separate(first, out);
    append_json_name(label.name, out);
    out += ':';
    append_json_name(label.value, out);
  }
  out += '}';
}

/// About what the event takes, so that the text is not copied each time that it outgrows its
/// memory.
std::size_t json_bytes(const ChangeEvent& event) {
  constexpr std::size_t kFrame = 640;  // Everything but the rows and labels, with long names.
  constexpr std::size_t kValue = 12;   // Quotes, colon, comma, and what a timestamp grows by.
  std::size_t bytes = kFrame + 64 * event.labels.size();
  for (const Row* row : {&event.before, &event.after}) {
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
  out.reserve(out.size() + json_bytes(event));
  out += "{\"op\":\"";
  out += static_cast<char>(event.operation);
  out += "\",\"ts_ms\":";
  append_decimal(milliseconds(event.commit_time), out);
  append_rows(event, out);
  append_source(event, out);
  append_transaction(event, out);
  append_labels(event.labels, out);
  out += '}';
}

}  // namespace walpulse::schema
