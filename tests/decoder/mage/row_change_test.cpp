#include "decoder/mage/row_change.h"

#include <gtest/gtest.h>

#include "tests/decoder/schema/sample_event.h"

namespace walpulse::mage {
namespace {

using namespace schema;  // its samples

struct TableSample : SampleEvent {
  explicit TableSample(const char* name) {
    table.name = name;
    id(std::nullopt, value("7"));
  }
};

struct TriggerSample : TableSample {
  TriggerSample() : TableSample("pipeline_schedule") {
    after("status", kTextOid, value("ACTIVE"))
        .after("pipeline_uuid", kTextOid, value("daily"))
        .after("schedule_interval", kTextOid, value("0 2 * * *"))
        .after("schedule_type", kTextOid, value("TIME"))
        .after("sla", kInt4Oid, value("60"))
        .after("name", kTextOid, null())
        .after("last_enabled_at", kTimestamptzOid, value("1970-01-01 00:00:02+00"))
        .after("start_time", kTimestamptzOid, value("1970-01-01 00:00:01"));
  }
};

struct BlockSample : TableSample {
  BlockSample() : TableSample("block_run") {
    after("pipeline_run_id", kInt4Oid, value("812"))
        .after("block_uuid", kTextOid, value("load"))
        .after("status", kTextOid, value("FAILED"))
        .after("started_at", kTimestamptzOid, value("1970-01-01 00:00:01+00"));
  }
};

RowChange row_change(const std::string& json) {
  auto change = parse_row_change(json);
  EXPECT_TRUE(change) << change.error().message;
  return *std::move(change);
}

std::string with_error(const SampleEvent& sample, const std::string& json_error) {
  std::string json = sample.json();
  json.pop_back();
  return json + ",\"error\":" + json_error + "}";
}

TEST(RowChange, ReadsATriggerByTheNamesOfItsColumns) {
  const RowChange change = row_change(TriggerSample().json());
  EXPECT_EQ(change.table, "public.pipeline_schedule");
  EXPECT_TRUE(change.fits);
  ASSERT_TRUE(change.row);
  PipelineSchedule expected;
  expected.id = 7;
  expected.status = "ACTIVE";
  expected.pipeline_uuid = "daily";
  expected.schedule_interval = "0 2 * * *";
  expected.schedule_type = "TIME";
  expected.sla = 60;
  expected.last_enabled_at = Timestamp{std::chrono::seconds{2}};
  expected.start_time = Timestamp{std::chrono::seconds{1}};
  EXPECT_EQ(std::get<PipelineSchedule>(*change.row), expected);
}

TEST(RowChange, ReadsABlock) {
  const RowChange change = row_change(BlockSample().json());
  ASSERT_TRUE(change.row);
  BlockRun expected;
  expected.id = 7;
  expected.pipeline_run_id = 812;
  expected.block_uuid = "load";
  expected.status = "FAILED";
  expected.started_at = Timestamp{std::chrono::seconds{1}};
  EXPECT_EQ(std::get<BlockRun>(*change.row), expected);
}

TEST(RowChange, TellsAnErrorFromNoErrorAndFromNobodySays) {
  const auto error_of = [](const std::string& json) {
    return std::get<BlockRun>(*row_change(json).row).error;
  };
  EXPECT_EQ(error_of(BlockSample().json()), std::nullopt);
  EXPECT_EQ(error_of(with_error(BlockSample(), "\"\"")), "");
  EXPECT_EQ(error_of(with_error(BlockSample(), R"("no column \"vat\"")")), "no column \"vat\"");
  EXPECT_FALSE(parse_row_change(with_error(BlockSample(), "17")));
  EXPECT_EQ(error_of(with_error(BlockSample(), '"' + std::string(1'000'000, 'x') + '"'))->size(),
            1200u);
}

TEST(RowChange, KnowsSettingsThatTheServerDidNotSendAgain) {
  TriggerSample toasted;
  toasted.after("settings", kJsonOid, unchanged());
  EXPECT_TRUE(std::get<PipelineSchedule>(*row_change(toasted.json()).row).settings_unchanged);
  TriggerSample said;
  said.after("settings", kJsonOid, value("{\"timeout\": 5}"));
  const auto trigger = std::get<PipelineSchedule>(*row_change(said.json()).row);
  EXPECT_FALSE(trigger.settings_unchanged);
  EXPECT_EQ(trigger.settings, "{\"timeout\": 5}");
}

TEST(RowChange, OfADeleteHasTheKeyAlone) {
  for (const char* table : {"pipeline_schedule", "block_run"}) {
    SampleEvent removed;
    removed.table.name = table;
    removed.event.operation = schema::Operation::remove;
    removed.id(value("7"), std::nullopt);
    const RowChange change = row_change(removed.json());
    EXPECT_TRUE(change.fits);
    ASSERT_TRUE(change.row) << change.row.error().message;
    EXPECT_EQ(std::visit([](const auto& row) { return row.id; }, *change.row), 7);
  }
}

TEST(RowChange, OfAnotherTableOfThatNameDoesNotFit) {
  for (const char* table : {"pipeline_schedule", "block_run"}) {
    TableSample other(table);
    other.after("status", kTextOid, value("RUNNING")).after("weight", kInt4Oid, value("3"));
    EXPECT_FALSE(row_change(other.json()).fits);
  }
}

TEST(RowChange, NamesTheColumnThatDoesNotReadButNotItsValue) {
  BlockSample bad;
  bad.after("completed_at", kTimestamptzOid, value("secret"));
  const RowChange change = row_change(bad.json());
  ASSERT_FALSE(change.row);
  EXPECT_EQ(change.row.error().message, "public.block_run.completed_at is not a time");
  BlockSample without;
  without.event.after[0] = null();
  EXPECT_FALSE(row_change(without.json()).row);
}

TEST(RowChange, IsNotReadOutOfARun) {
  SampleEvent run;
  run.id(std::nullopt, value("812")).after("pipeline_uuid", kTextOid, value("daily"));
  const auto change = parse_row_change(run.json());
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().message, "public.pipeline_run is no table of triggers or blocks");
}

TEST(MageTables, AreToldByTheLastPartOfTheirName) {
  EXPECT_EQ(table_of("block_run"), Table::blocks);
  EXPECT_EQ(table_of("mage.block_run"), Table::blocks);
  EXPECT_EQ(table_of("a.b.pipeline_schedule"), Table::triggers);
  EXPECT_EQ(table_of("public.pipeline_run"), Table::runs);
  EXPECT_EQ(table_of("public.my_block_run"), Table::runs);
  EXPECT_EQ(table_of(""), Table::runs);
  EXPECT_EQ(beside("mage.pipeline_run", kBlockTable), "mage.block_run");
  EXPECT_EQ(beside("pipeline_run", kBlockTable), "block_run");
}

}  // namespace
}  // namespace walpulse::mage
