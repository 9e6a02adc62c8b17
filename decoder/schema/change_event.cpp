#include "decoder/schema/change_event.h"

#include "decoder/base/json_writer.h"

namespace walpulse::schema {
namespace {

bool holds_key(const Table& table, const Row& row) {
  if (row.size() != table.columns.size()) return false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (table.columns[i].key && row[i].state != Cell::State::value) return false;
  }
  return true;
}

}  // namespace

std::string qualified_name(std::string_view schema, std::string_view table) {
  std::string name;
  name.reserve(schema.size() + 1 + table.size());
  name += schema;
  name += '.';
  name += table;
  return name;
}
std::string qualified_name(const Table& table) { return qualified_name(table.schema, table.name); }

void order_by(Table& table, std::string_view column) {
  table.order_column.reset();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == column) table.order_column = i;
  }
}

std::string event_id(const ChangeEvent& event) {
  constexpr std::size_t kLikelyBytes = 96;
  std::string id;
  {
    JsonWriter to(id, kLikelyBytes);
    to.put(event.source->name);
    to.put('/');
    to.put(event.table->schema);
    to.put('.');
    to.put(event.table->name);
    to.put('/');
    to.decimal(event.position.epoch);
    to.put('/');
    to.decimal(event.position.commit_lsn.value);
    to.put('/');
    if (event.operation == Operation::read) {
      to.put("r/");
      to.put(primary_key(event));
    } else {
      to.decimal(event.position.ordinal);
      if (event.key_left) to.put('d');
    }
  }
  return id;
}

std::string primary_key(const ChangeEvent& event) {
  const Table& table = *event.table;
  const Row& row = holds_key(table, event.before) ? event.before : event.after;
  std::string key;
  if (row.size() != table.columns.size()) return key;
  bool first = true;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!table.columns[i].key) continue;
    if (!first) key += ',';
    first = false;
    if (row[i].state == Cell::State::value) key += row[i].text;
  }
  return key;
}

}  // namespace walpulse::schema
