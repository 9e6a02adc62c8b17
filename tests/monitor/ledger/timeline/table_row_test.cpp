#include "monitor/ledger/timeline/table_row.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "monitor/ledger/timeline/trigger_history.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

schema::Position place(std::uint64_t lsn, std::int64_t ordinal = 0) {
  return {1, Lsn{lsn}, ordinal};
}
Timestamp instant_of(std::uint64_t lsn) {
  return Timestamp(std::chrono::seconds(static_cast<std::int64_t>(lsn)));
}
RowEntry trigger(std::uint64_t lsn, const char* status, std::optional<std::string> settings) {
  mage::PipelineSchedule row;
  row.status = status;
  row.settings_unchanged = !settings;
  row.settings = std::move(settings);
  return {place(lsn), Operation::update, instant_of(lsn), row};
}
RowEntry block(std::uint64_t lsn, const std::string& status) {
  mage::BlockRun row;
  row.pipeline_run_id = 5;
  row.status = status;
  return {place(lsn), Operation::update, instant_of(lsn), row};
}
RowEntry deleted(std::uint64_t lsn) {
  return {place(lsn), Operation::remove, instant_of(lsn), std::nullopt};
}

TableRow row_of(mage::Table table, const std::vector<RowEntry>& entries) {
  TableRow row;
  for (const RowEntry& entry : entries) take(row, table, entry, true);
  return row;
}
std::string status_of(const TableRow& row) {
  const auto trigger = current_trigger(row);
  return trigger ? *trigger->status : "gone";
}

TEST(TableRow, OfATriggerTheNewestCountsWhateverCameLast) {
  const TableRow row = row_of(
      mage::Table::triggers,
      {trigger(20, "INACTIVE", "{}"), trigger(10, "ACTIVE", "{}"), trigger(30, "ACTIVE", "{}")});
  EXPECT_EQ(status_of(row), "ACTIVE");
}

TEST(TableRow, ATriggerThatWasDeletedStaysSoForWhatIsOlder) {
  EXPECT_EQ(status_of(row_of(mage::Table::triggers, {deleted(20), trigger(10, "ACTIVE", "{}")})),
            "gone");
  EXPECT_EQ(status_of(row_of(mage::Table::triggers, {trigger(30, "INACTIVE", "{}"), deleted(20)})),
            "INACTIVE");
}

TEST(TableRow, SaysWhetherAnEntryWasNew) {
  TableRow row;
  EXPECT_EQ(take(row, mage::Table::triggers, trigger(20, "ACTIVE", "{}"), true), Taken::added);
  EXPECT_EQ(take(row, mage::Table::triggers, trigger(20, "ACTIVE", "{}"), true), Taken::known);
  EXPECT_EQ(take(row, mage::Table::triggers, trigger(10, "ACTIVE", "{}"), true), Taken::added);
  RowEntry other = trigger(20, "ACTIVE", "{}");
  other.commit_time += std::chrono::seconds(1);
  EXPECT_EQ(take(row, mage::Table::triggers, other, true), Taken::contradicts);
}

TEST(TableRow, ARowThatASnapshotReadIsNotedOnceHoweverOldItIs) {
  TableRow row = row_of(mage::Table::triggers, {trigger(20, "ACTIVE", "{}")});
  RowEntry read = trigger(10, "INACTIVE", "{}");
  read.operation = Operation::read;
  read.position.ordinal = schema::Position::kSnapshot;
  EXPECT_EQ(take(row, mage::Table::triggers, read, true), Taken::added);
  EXPECT_EQ(take(row, mage::Table::triggers, read, true), Taken::known);
  EXPECT_EQ(status_of(row), "ACTIVE");
  TableRow superseded = row_of(mage::Table::triggers, {trigger(20, "ACTIVE", "{}")});
  EXPECT_EQ(take(superseded, mage::Table::triggers, read, false), Taken::added);
  EXPECT_TRUE(superseded.reads.empty());
}

TEST(TableRow, SettingsThatStayedTheSameAreThoseOfTheRowBefore) {
  const std::vector<RowEntry> log = {trigger(10, "ACTIVE", "{\"a\": 1}"),
                                     trigger(20, "ACTIVE", "{\"a\": 2}"),
                                     trigger(30, "INACTIVE", std::nullopt)};
  for (const auto& order : {std::vector{0, 1, 2}, {2, 1, 0}, {2, 0, 1}, {1, 2, 0}}) {
    std::vector<RowEntry> entries;
    for (const int at : order) entries.push_back(log[static_cast<std::size_t>(at)]);
    const TableRow row = row_of(mage::Table::triggers, entries);
    ASSERT_TRUE(current_trigger(row));
    EXPECT_EQ(current_trigger(row)->settings, "{\"a\": 2}");
    EXPECT_EQ(current_trigger(row)->status, "INACTIVE");
  }
  const TableRow alone = row_of(mage::Table::triggers, {log[2]});
  EXPECT_EQ(current_trigger(alone)->settings, std::nullopt);
  EXPECT_TRUE(current_trigger(alone)->settings_unchanged);
}

TEST(TableRow, ABlockIsOfTheRunThatItsNewestRowNames) {
  const TableRow row =
      row_of(mage::Table::blocks, {deleted(30), block(10, "FAILED"), block(20, "RUNNING")});
  EXPECT_EQ(run_of(row), 5);
  EXPECT_TRUE(ever_failed(row));
  EXPECT_TRUE(is_deleted(row));
  EXPECT_EQ(run_of(row_of(mage::Table::blocks, {deleted(30)})), std::nullopt);
  EXPECT_EQ(run_of(row_of(mage::Table::triggers, {trigger(1, "ACTIVE", "{}")})), std::nullopt);
  EXPECT_FALSE(is_deleted(TableRow{}));
}

TEST(TableRow, OfABlockWithoutEndTheNewestChangesStay) {
  TableRow row;
  for (std::uint64_t lsn = 1; lsn <= 10'000; ++lsn)
    take(row, mage::Table::blocks, block(lsn, lsn % 2 == 0 ? "RUNNING" : "FAILED"), true);
  EXPECT_EQ(row.entries.size(), kBlockEntriesMax);
  EXPECT_EQ(row.entries.back().position, place(10'000));
  EXPECT_EQ(take(row, mage::Table::blocks, block(5, "FAILED"), true), Taken::older);
}

/// Any rows of one id, some of them at positions that come twice.
std::vector<RowEntry> random_log(mage::Table table) {
  std::vector<RowEntry> log;
  const std::uint64_t most = table == mage::Table::blocks ? 150 : kTriggerEntriesMax;
  const auto size = *rc::gen::resize(1000, rc::gen::inRange<std::uint64_t>(1, most + 1));
  for (std::uint64_t lsn = 1; lsn <= size; ++lsn) {
    const int kind = *rc::gen::resize(1000, rc::gen::inRange(0, 6));
    if (kind == 0) {
      log.push_back(deleted(lsn));
    } else if (table == mage::Table::blocks) {
      log.push_back(block(lsn, *rc::gen::element("RUNNING", "FAILED", "COMPLETED")));
    } else {
      log.push_back(trigger(lsn, *rc::gen::element("ACTIVE", "INACTIVE"),
                            kind < 3 ? std::optional(std::to_string(lsn)) : std::nullopt));
    }
    if (kind == 1) {
      log.back().operation = Operation::read;
      log.back().position.ordinal = schema::Position::kSnapshot;
    }
  }
  return log;
}

RC_GTEST_PROP(TableRowProperty, AnyDeliveryOfTheSameEntriesComesToTheSameRow, ()) {
  const auto table = *rc::gen::element(mage::Table::triggers, mage::Table::blocks);
  const std::vector<RowEntry> log = random_log(table);
  std::vector<RowEntry> delivery = log;
  for (auto more = *rc::gen::inRange<std::size_t>(0, log.size() + 1); more > 0; --more)
    delivery.push_back(*rc::gen::elementOf(log));
  std::shuffle(delivery.begin(), delivery.end(),
               std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  RC_ASSERT(row_of(table, delivery) == row_of(table, log));
}

}  // namespace
}  // namespace walpulse::monitor
