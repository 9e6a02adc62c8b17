#include "decoder/pgoutput/relation_cache.h"

#include <utility>

namespace walpulse::decoder {

schema::Table describe(const Relation& relation) {
  schema::Table table;
  table.oid = relation.id;
  table.schema = relation.schema.empty() ? "pg_catalog" : relation.schema;
  table.name = relation.table;
  table.columns.reserve(relation.columns.size());
  for (const Column& column : relation.columns) {
    table.columns.push_back({std::string(column.name), column.type, column.key});
  }
  return table;
}

void RelationCache::put(schema::Table table) {
  const std::uint32_t id = table.oid.value;
  tables_[id] = std::make_shared<const schema::Table>(std::move(table));
}

std::shared_ptr<const schema::Table> RelationCache::find(Oid id) const {
  const auto found = tables_.find(id.value);
  return found == tables_.end() ? nullptr : found->second;
}

void RelationCache::clear() { tables_.clear(); }

}  // namespace walpulse::decoder
