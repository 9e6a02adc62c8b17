#include "decoder/schema/message_attributes.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "decoder/base/fnv1a.h"
#include "decoder/base/json_writer.h"
#include "decoder/base/utf8.h"

namespace walpulse::schema {
namespace {

constexpr std::array<std::string_view, 13> kOwnNames = {
    "ce-specversion", "ce-id",        "ce-source",    "ce-type", "ce-time",
    "ce-subject",     "content-type", "op",           "table",   "status",
    "schema_version", "replay",       "pipeline_uuid"};

/// `head` is everything up to the value: `,"status":"`. The value's `pieces` are UTF-8 each.
template <std::size_t kSize>
void add(JsonWriter& to, const char (&head)[kSize],
         std::initializer_list<std::string_view> pieces) {
  to.put(head);
  std::size_t left = kAttributeValueBytesMax;
  for (const std::string_view piece : pieces) {
    to.name_part(cut_utf8(piece, left));
    left -= std::min(left, piece.size());
  }
  to.put('"');
}
template <std::size_t kSize>
void add(JsonWriter& to, const char (&head)[kSize], std::string_view value) {
  if (!value.empty()) add(to, head, {value});
}

/// The end of an id tells events apart: the position, or the snapshot row's key.
std::string_view last_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  text.remove_prefix(text.size() - bytes_max);
  while (!text.empty() && utf8_character(text) == 0) text.remove_prefix(1);
  return text;
}

/// The column's value as the change left it; for deletes as it was. Empty where the row does not
/// hold it, or not as UTF-8, which attributes must be.
std::string_view row_value(const ChangeEvent& event, std::string_view column) {
  const Row& row = event.operation == Operation::remove ? event.before : event.after;
  const auto& columns = event.table->columns;
  for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) {
    if (columns[i].name != column) continue;
    const bool usable = row[i].state == Cell::State::value && is_utf8(row[i].text);
    return usable ? row[i].text : std::string_view{};
  }
  return {};
}

/// Of the order column; empty where there is none, or the row does not hold it.
std::string_view order_value(const ChangeEvent& event) {
  const auto& column = event.table->order_column;
  if (!column) return {};
  for (const Row* row : {&event.after, &event.before}) {
    if (*column < row->size() && (*row)[*column].state == Cell::State::value) {
      return (*row)[*column].text;
    }
  }
  return {};
}

}  // namespace

void write_message_attributes(const ChangeEvent& event, bool replay, AttributesJson& attributes) {
  const std::string table = utf8_or_replaced(qualified_name(*event.table));
  const std::string id = utf8_or_replaced(event_id(event));
  const std::string key = utf8_or_replaced(primary_key(event));
  const char operation = static_cast<char>(event.operation);

  constexpr std::size_t kLikelyBytes = 576;
  attributes.clear();
  JsonWriter to(attributes.text(), kLikelyBytes);
  to.put(R"("ce-specversion":"1.0")");
  add(to, R"(,"ce-id":")", last_utf8(id, kAttributeValueBytesMax));
  add(to, R"(,"ce-source":")", {"/walpulse/", utf8_or_replaced(event.source->name)});
  add(to, R"(,"ce-type":")", kChangeType);
  add(to, R"(,"ce-time":")", to_rfc3339(event.commit_time));
  add(to, R"(,"ce-subject":")", {table, key.empty() ? "" : "/", key});
  add(to, R"(,"content-type":")", kContentType);
  add(to, R"(,"op":")", std::string_view(&operation, 1));
  add(to, R"(,"table":")", table);
  add(to, R"(,"pipeline_uuid":")", row_value(event, "pipeline_uuid"));
  add(to, R"(,"status":")", row_value(event, "status"));
  add(to, R"(,"schema_version":")", kVersion);
  add(to, R"(,"replay":")", replay ? "true" : "false");
  for (const Label& label : event.labels) {
    if (label.value.empty()) continue;
    to.put(',');
    to.name(cut_utf8(label.name, kAttributeNameBytesMax));
    to.put(':');
    to.name(cut_utf8(label.value, kAttributeValueBytesMax));
  }
}

AttributesJson message_attributes(const ChangeEvent& event, bool replay) {
  AttributesJson attributes;
  write_message_attributes(event, replay, attributes);
  return attributes;
}

/// Labels that every metric has already, or that a metrics service keeps for itself.
constexpr std::array<std::string_view, 7> kMetricNames = {"source",   "le",  "pipeline", "trigger",
                                                          "instance", "job", "quantile"};

bool is_reserved_attribute(std::string_view name) {
  return name.starts_with("goog") || name.starts_with("__") ||
         std::find(kMetricNames.begin(), kMetricNames.end(), name) != kMetricNames.end() ||
         std::find(kOwnNames.begin(), kOwnNames.end(), name) != kOwnNames.end();
}

std::string ordering_key(const ChangeEvent& event, unsigned keys) {
  if (keys == 0) return {};
  std::string key = utf8_or_replaced(qualified_name(*event.table));
  key += '/';
  const std::string_view order = order_value(event);
  key += std::to_string((order.empty() ? fnv1a(primary_key(event)) : fnv1a(order)) % keys);
  return key;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  // Step back over continuation bytes: a character has three at most.
  std::size_t end = bytes_max;
  while (end > 0 && bytes_max - end < 3 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace walpulse::schema
