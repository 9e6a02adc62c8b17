#include "decoder/pgoutput/relation_cache.h"

#include <gtest/gtest.h>

namespace walpulse::decoder {
namespace {

Relation relation(std::string_view column) {
  Relation message{};
  message.id = Oid{16384};
  message.schema = "public";
  message.table = "pipeline_run";
  message.identity = ReplicaIdentity::primary_key;
  message.columns = {{true, column, Oid{23}, -1}};
  return message;
}

TEST(RelationCache, DescribesTheTable) {
  const schema::Table table = describe(relation("id"));
  EXPECT_EQ(schema::qualified_name(table), "public.pipeline_run");
  EXPECT_EQ(table.oid, Oid{16384});
  ASSERT_EQ(table.columns.size(), 1u);
  EXPECT_EQ(table.columns[0], (schema::Table::Column{"id", Oid{23}, true}));
}

TEST(RelationCache, KnowsTheSchemaThatTheServerLeavesOut) {
  Relation catalog = relation("oid");
  catalog.schema = "";
  EXPECT_EQ(describe(catalog).schema, "pg_catalog");
}

TEST(RelationCache, ReplacesAndLeavesEarlierRowsTheirs) {
  RelationCache cache;
  EXPECT_EQ(cache.find(Oid{16384}), nullptr);
  cache.put(describe(relation("id")));
  const auto earlier = cache.find(Oid{16384});
  cache.put(describe(relation("run_id")));
  EXPECT_EQ(earlier->columns[0].name, "id");
  EXPECT_EQ(cache.find(Oid{16384})->columns[0].name, "run_id");
  cache.clear();
  EXPECT_EQ(cache.find(Oid{16384}), nullptr);
  EXPECT_EQ(earlier->columns[0].name, "id");
}

}  // namespace
}  // namespace walpulse::decoder
