#include "decoder/pgoutput/table_state.h"

#include <algorithm>
#include <utility>

namespace walpulse::decoder {
namespace {

/// The server marks the columns of the replica identity, which may be more than what tells rows
/// apart: the primary key, which it does not send.
void mark_key(schema::Table& table, const std::vector<std::string>& key_columns) {
  for (auto& column : table.columns) {
    column.key =
        std::find(key_columns.begin(), key_columns.end(), column.name) != key_columns.end();
  }
}

bool identity_holds(const schema::Table& table, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const auto& column) { return column.key && column.name == name; });
  });
}

}  // namespace

void TableState::announce(ReplicaIdentity identity, schema::Table table) {
  table.schema = options_->name.schema;
  table.name = options_->name.name;
  const auto& key = options_->key_columns;
  const bool told_by_key = identity == ReplicaIdentity::full || identity_holds(table, key);
  if (!key.empty() && told_by_key) mark_key(table, key);
  schema::order_by(table, options_->order_column);
  announced_ = std::make_shared<const schema::Table>(std::move(table));
}

void TableState::make_plan() {
  plan_.emplace(std::exchange(announced_, nullptr), *options_);
  ++plan_count_;
}

void TableState::forget() {
  announced_.reset();
  plan_.reset();
  change_count_ = 0;
}

}  // namespace walpulse::decoder
