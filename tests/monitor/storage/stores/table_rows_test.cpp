#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "monitor/storage/postgres/postgres_values.h"
#include "monitor/storage/table_row_codec.h"
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RowEntry block_entry(std::uint64_t lsn, std::int64_t id, std::optional<std::int64_t> run,
                     const std::string& status) {
  mage::BlockRun block;
  block.id = id;
  block.pipeline_run_id = run;
  block.block_uuid = "load";
  block.status = status;
  return {position(lsn), schema::Operation::update, at(1), block};
}
RowEntry deletion(std::uint64_t lsn) {
  return {position(lsn), schema::Operation::remove, at(2), std::nullopt};
}

class TableRowStoreTest : public StoreTest {
 protected:
  StoredTableRow row_of(std::int64_t id, std::vector<RowEntry> entries) {
    StoredTableRow stored;
    stored.key = {source_, id};
    stored.row.entries = std::move(entries);
    return stored;
  }
  /// As the ledger does: rows are loaded before they are saved.
  void save(const std::vector<StoredTableRow>& rows) {
    writing([&](Transaction& in) {
      std::vector<RowKey> keys;
      for (const StoredTableRow& row : rows) keys.push_back(row.key);
      in.table_rows().load(keys);
      in.table_rows().save(rows);
      return true;
    });
  }
  StoredTableRow load(std::int64_t id) {
    return writing([&](Transaction& in) {
      const RowKey key{source_, id};
      return in.table_rows().load(std::span(&key, 1)).at(0);
    });
  }
  static std::vector<std::int64_t> ids(const std::vector<StoredTableRow>& rows) {
    std::vector<std::int64_t> found;
    for (const StoredTableRow& row : rows) found.push_back(row.key.id);
    return found;
  }
  std::vector<std::int64_t> of_runs(const std::vector<std::int64_t>& runs,
                                    std::size_t count_max = 10) {
    return ids(reading(
        [&](Transaction& in) { return in.table_rows().of_runs(source_, runs, count_max); }));
  }
  std::vector<std::int64_t> after(std::int64_t id, std::size_t count_max = 10) {
    return ids(reading([&](Transaction& in) {
      return in.table_rows().after({source_, id}, count_max);
    }));
  }
  std::vector<std::int64_t> deleted_after(std::int64_t id, std::size_t count_max = 10) {
    return ids(reading([&](Transaction& in) {
      return in.table_rows().deleted_after({source_, id}, count_max);
    }));
  }

  const std::int64_t source_ = source();
};

TEST_P(TableRowStoreTest, ARowIsAsItWasSaved) {
  EXPECT_FALSE(load(7).known);
  StoredTableRow row =
      row_of(7, {block_entry(10, 7, 1, "RUNNING"), block_entry(20, 7, 1, "FAILED")});
  row.row.reads = {position(5, schema::Position::kSnapshot)};
  save({row});
  EXPECT_TRUE(load(7).known);
  EXPECT_EQ(load(7).row, row.row);
  row.row.entries.push_back(block_entry(30, 7, 2, "COMPLETED"));
  save({row});
  EXPECT_EQ(load(7).row, row.row);
}

TEST_P(TableRowStoreTest, WhatWasOnlyLoadedOrRolledBackIsNotThere) {
  load(7);
  EXPECT_THAT(after(0), IsEmpty());
  rolled_back([&](Transaction& in) {
    const RowKey key{source_, 7};
    in.table_rows().load(std::span(&key, 1));
    const StoredTableRow row = row_of(7, {block_entry(10, 7, 1, "RUNNING")});
    in.table_rows().save(std::span(&row, 1));
  });
  EXPECT_FALSE(load(7).known);
  EXPECT_THAT(of_runs({1}), IsEmpty());
}

TEST_P(TableRowStoreTest, OfARunComeThoseFirstThatFailed) {
  save({row_of(1, {block_entry(10, 1, 5, "COMPLETED")}),
        row_of(2, {block_entry(10, 2, 5, "FAILED"), block_entry(20, 2, 5, "COMPLETED")}),
        row_of(3, {block_entry(10, 3, 6, "FAILED")}), row_of(4, {block_entry(10, 4, 5, "INITIAL")}),
        row_of(5, {block_entry(10, 5, 5, "FAILED")}),
        row_of(6, {block_entry(10, 6, std::nullopt, "FAILED")})});
  EXPECT_THAT(of_runs({5}), ElementsAre(2, 5, 1, 4));
  EXPECT_THAT(of_runs({5}, 3), ElementsAre(2, 5, 1));
  EXPECT_THAT(of_runs({5}, 1), ElementsAre(2));
  EXPECT_THAT(of_runs({5, 6}, 1), ElementsAre(2, 3));
  EXPECT_THAT(of_runs({}), IsEmpty());
  EXPECT_THAT(of_runs({4, 7}), IsEmpty());
}

TEST_P(TableRowStoreTest, ARowMovesToTheRunThatItIsOf) {
  save({row_of(1, {block_entry(10, 1, 5, "RUNNING")}),
        row_of(2, {block_entry(10, 2, 6, "RUNNING")})});
  save({row_of(1, {block_entry(20, 1, 6, "RUNNING")})});
  EXPECT_THAT(of_runs({5}), IsEmpty());
  EXPECT_THAT(of_runs({6}), ElementsAre(1, 2));
}

TEST_P(TableRowStoreTest, RemovesTheRowsOfRuns) {
  save({row_of(1, {block_entry(10, 1, 5, "FAILED")}), row_of(2, {block_entry(10, 2, 6, "FAILED")}),
        row_of(3, {block_entry(10, 3, 7, "RUNNING")})});
  writing([&](Transaction& in) {
    const std::vector<std::int64_t> runs{5, 7, 9};
    in.table_rows().remove_of_runs(source_, runs);
    return true;
  });
  EXPECT_THAT(after(0), ElementsAre(2));
  EXPECT_THAT(of_runs({5, 6, 7}), ElementsAre(2));
  EXPECT_FALSE(load(1).known);
}

TEST_P(TableRowStoreTest, KnowsWhichWereDeletedLast) {
  save({row_of(1, {deletion(10)}), row_of(2, {block_entry(10, 2, 5, "RUNNING"), deletion(20)}),
        row_of(3, {deletion(10), block_entry(20, 3, 5, "RUNNING")}), row_of(4, {deletion(10)})});
  EXPECT_THAT(deleted_after(0), ElementsAre(1, 2, 4));
  EXPECT_THAT(deleted_after(1, 1), ElementsAre(2));
  EXPECT_THAT(of_runs({5}), ElementsAre(2, 3));
  writing([&](Transaction& in) {
    const std::vector<RowKey> keys{{source_, 1}, {source_, 2}};
    in.table_rows().remove(keys);
    return true;
  });
  EXPECT_THAT(deleted_after(0), ElementsAre(4));
  EXPECT_THAT(of_runs({5}), ElementsAre(3));
  save({row_of(4, {deletion(10), block_entry(30, 4, 5, "INITIAL")})});
  EXPECT_THAT(deleted_after(0), IsEmpty());
}

TEST_P(TableRowStoreTest, GoesThroughTheRowsInTheOrderOfTheirKeys) {
  const std::int64_t other = source("other");
  StoredTableRow of_other = row_of(1, {deletion(10)});
  of_other.key.source = other;
  save(
      {row_of(-3, {deletion(10)}), row_of(2, {deletion(10)}), row_of(9, {deletion(10)}), of_other});
  EXPECT_THAT(after(INT64_MIN, 2), ElementsAre(-3, 2));
  EXPECT_THAT(after(2), ElementsAre(9, 1));
}

INSTANTIATE_TEST_SUITE_P(Storages, TableRowStoreTest, all_backends(), backend_name);

mage::PipelineSchedule sample_trigger() {
  mage::PipelineSchedule trigger;
  trigger.id = 9;
  trigger.created_at = at(1);
  trigger.name = "nightly";
  trigger.pipeline_uuid = "";
  trigger.schedule_interval = std::string("@ho\0urly", 8);
  trigger.start_time = kMinusInfinity;
  trigger.last_enabled_at = kInfinity;
  trigger.sla = -1;
  trigger.settings = std::string(10'000, 'x');
  trigger.settings_unchanged = true;
  return trigger;
}

TEST(TableRowCodec, GivesBackWhatItWasGiven) {
  TableRow row;
  row.reads = {position(1, schema::Position::kSnapshot), position(2, schema::Position::kSnapshot)};
  RowEntry entry = block_entry(0xFFFFFFFF00, 9, 812, "RUNNING");
  auto& block = std::get<mage::BlockRun>(*entry.row);
  row.entries = {deletion(1), entry};
  block.status = "FAILED";
  block.error = "";
  block.started_at = kInfinity;
  entry.position.commit_lsn.value += 7;
  row.entries.push_back(entry);
  block.error = std::string(300, 'e');
  block.completed_at = Timestamp(std::chrono::microseconds(1));
  block.pipeline_run_id.reset();
  block.status = "ON_HOLD";
  entry.position = {kEpoch + 1, Lsn{1}, 3};
  row.entries.push_back(entry);
  row.entries.push_back({{kEpoch + 2, Lsn{1}, 0}, schema::Operation::remove, at(5), std::nullopt});
  row.entries.push_back(
      {{kEpoch + 3, Lsn{1}, 0}, schema::Operation::read, at(6), sample_trigger()});
  const auto back = stored_table_row({1, 9}, encode_table_row(row));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->row, row);
  StringInterner texts;
  const std::string named = encode_table_row(row, &texts);
  const auto by_name = stored_table_row({1, 9}, named, &texts);
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->row, row);
}

TEST(TableRowCodec, ATriggerIsToldFromTheLastOneBeforeIt) {
  TableRow row;
  RowEntry entry{position(10), schema::Operation::insert, at(1), sample_trigger()};
  auto& trigger = std::get<mage::PipelineSchedule>(*entry.row);
  const auto add = [&](std::uint64_t lsn) {
    entry.position.commit_lsn = Lsn{lsn};
    entry.commit_time += std::chrono::seconds(1);
    row.entries.push_back(entry);
  };
  trigger.id = 9;
  trigger.settings = std::string(100'000, ' ');
  add(10);
  entry.operation = schema::Operation::update;
  for (std::uint64_t lsn = 20; lsn < 84; ++lsn) add(lsn);
  EXPECT_LT(encode_table_row(row).size(), 102'000u) << "what stays the same is written once";
  row.entries.push_back(deletion(100));
  trigger.settings.reset();
  trigger.settings_unchanged = true;
  add(110);
  trigger = {};
  trigger.id = 9;
  trigger.last_enabled_at = kInfinity;
  add(120);
  const std::string bytes = encode_table_row(row);
  const auto back = stored_table_row({1, 9}, bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->row, row);
  for (std::size_t cut = 1; cut < 300; ++cut)
    EXPECT_FALSE(stored_table_row({1, 9}, std::string_view(bytes).substr(0, bytes.size() - cut)));
}

/// The build that kept of a trigger the newest entry, and the one that says its settings.
TEST(TableRowCodec, ReadsATriggerOfAnEarlierBuild) {
  const std::string bytes = bytes_of_hex(
      "\\x"
      "0101070a0102b2111480dac4097201070001076e696768746c7900010454494d4501fface2040106"
      "406461696c79010641435449564500011e7b226c616e64696e675f74696d655f656e61626c656422"
      "3a20747275657d0000000092101480dac40975000001076e696768746c7900010454494d4501ff86"
      "a70e0106406461696c790108494e414354495645000000000001");
  const auto second = [](int n) { return Timestamp(std::chrono::seconds(n)); };
  mage::PipelineSchedule trigger;
  trigger.id = 9;
  trigger.name = "nightly";
  trigger.schedule_type = "TIME";
  trigger.schedule_interval = "@daily";
  trigger.status = "ACTIVE";
  trigger.start_time = second(5);
  trigger.settings = "{\"landing_time_enabled\": true}";
  const schema::Position read{7, Lsn{10}, schema::Position::kSnapshot};
  TableRow row;
  row.reads = {read};
  row.entries = {{read, schema::Operation::read, second(10), trigger}};
  trigger.status = "INACTIVE";
  trigger.settings.reset();
  trigger.settings_unchanged = true;
  row.entries.push_back({{7, Lsn{20}, 0}, schema::Operation::update, second(20), trigger});
  const auto stored = stored_table_row({1, 9}, bytes);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->row, row);
}

TEST(TableRowCodec, RefusesWhatItDidNotWrite) {
  TableRow row;
  row.entries = {block_entry(10, 9, 812, "RUNNING")};
  const std::string bytes = encode_table_row(row);
  EXPECT_FALSE(stored_table_row({1, 9}, ""));
  EXPECT_FALSE(stored_table_row({1, 9}, bytes + "x"));
  EXPECT_FALSE(stored_table_row({1, 9}, "\x02" + bytes.substr(1)));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(stored_table_row({1, 9}, bytes.substr(0, size))) << size;
}

TEST(TableRowCodec, OrdinaryBlocksTakeFewBytes) {
  TableRow row;
  std::uint64_t lsn = 0x1'0000'0000;
  for (const char* status : {"INITIAL", "QUEUED", "RUNNING", "COMPLETED"})
    row.entries.push_back(block_entry(lsn += 5000, 9, 812, status));
  EXPECT_LT(encode_table_row(row).size(), 80u);
}

}  // namespace
}  // namespace walpulse::monitor::testing
