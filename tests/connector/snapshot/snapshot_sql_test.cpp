#include "connector/snapshot/snapshot_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoder/base/type_oids.h"

namespace walpulse::connector {
namespace {

using ::testing::ElementsAre;

const schema::Table kRuns{Oid{16400},
                          "public",
                          "pipeline_run",
                          {{"id", kInt4Oid, true},
                           {"status", kTextOid, false},
                           {"variables", kJsonOid, false},
                           {"metrics", kJsonOid, false}}};

TEST(ColumnsToRead, LeavesOutJsonThatStaysHomeAndLendsNoLabel) {
  decoder::TableOptions options;
  EXPECT_THAT(columns_to_read(kRuns, options), ElementsAre(true, true, false, false));
  options.labels = {{"partner", "variables", {"partner"}}};
  EXPECT_THAT(columns_to_read(kRuns, options), ElementsAre(true, true, true, false));
  options.columns = {"metrics"};
  EXPECT_THAT(columns_to_read(kRuns, options), ElementsAre(true, true, true, true));
  options = {};
  options.error = decoder::ErrorRule{"metrics", {"error"}, "status", "FAILED"};
  EXPECT_THAT(columns_to_read(kRuns, options), ElementsAre(true, true, false, true));
}

TEST(ColumnsToRead, LeavesOutWhatIsCalledASecretAndWhatNobodyKnows) {
  const schema::Table table{Oid{16400},
                            "public",
                            "pipeline_schedule",
                            {{"id", kInt4Oid, true},
                             {"token", kTextOid, false},
                             {"gone", kUnknownOid, false},
                             {"documents", kJsonbArrayOid, false}}};
  decoder::TableOptions options;
  EXPECT_THAT(columns_to_read(table, options), ElementsAre(true, false, false, false));
  options.columns = {"token", "gone", "documents"};
  EXPECT_THAT(columns_to_read(table, options), ElementsAre(true, true, true, true));
  options.never = {"token"};
  options.labels = {{"start", "token", {"x"}}};
  EXPECT_THAT(columns_to_read(table, options), ElementsAre(true, false, true, true));
}

TEST(ChunkSql, ReadsFromTheFirstIdOn) {
  EXPECT_EQ(chunk_sql(kRuns, 0, {true, true, false, false}, {}, {std::nullopt, 100}),
            R"(SELECT "id", "status", NULL, NULL FROM ONLY "public"."pipeline_run" WHERE true )"
            R"(ORDER BY "id" LIMIT 100)");
}

TEST(ChunkSql, GoesOnBehindTheLastIdWithinTheRangeAndTheCondition) {
  SnapshotOptions options;
  options.from_id = -5;
  options.to_id = 9;
  options.where = "status = 'x' OR true -- note";
  const std::vector<bool> id_only{true, false, false, false};
  EXPECT_EQ(chunk_sql(kRuns, 0, id_only, options, {std::nullopt, 7}),
            "SELECT \"id\", NULL, NULL, NULL FROM ONLY \"public\".\"pipeline_run\" WHERE true AND "
            "\"id\" >= bigint '-5' AND \"id\" <= bigint '9' AND (status = 'x' OR true -- note\n) "
            "ORDER BY \"id\" LIMIT 7");
  EXPECT_THAT(chunk_sql(kRuns, 0, id_only, options, {3, 7}),
              ::testing::HasSubstr("WHERE true AND \"id\" > bigint '3' AND \"id\" <= bigint '9'"));
}

TEST(WhereCheckSql, HoldsTheConditionInParenthesesAndWithout) {
  EXPECT_EQ(where_check_sql(kRuns, "a) OR (b"),
            "SELECT 1 FROM ONLY \"public\".\"pipeline_run\" WHERE (a) OR (b\n) AND CASE WHEN a) OR "
            "(b\n THEN true END AND $1::text IS NOT NULL LIMIT 0");
}

TEST(SnapshotSlotName, FitsWhateverTheSlotIsCalled) {
  EXPECT_EQ(snapshot_slot_name("walpulse", 4711, 0xbadcafe), "walpulse_snapshot_4711_0badcafe");
  const std::string cut = snapshot_slot_name(std::string(56, 'w'), 4194303, 0xffffffff);
  EXPECT_EQ(cut.size(), 63u);
  EXPECT_TRUE(cut.ends_with("_snapshot_4194303_ffffffff"));
}

}  // namespace
}  // namespace walpulse::connector
