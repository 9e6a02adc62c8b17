#include "monitor/ledger/timeline/timeline.h"

#include <gtest/gtest.h>

#include "monitor/ledger/timeline/observe.h"
#include "monitor/ledger/timeline/run_state.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

Entry entry(std::uint64_t place, Operation operation, std::string status) {
  Entry made;
  made.position.commit_lsn.value = place;
  made.operation = operation;
  made.status = std::move(status);
  made.pipeline = "p" + std::to_string(place);
  return made;
}

TEST(Timeline, KeepsEntriesByPositionWhateverTheirArrival) {
  Timeline timeline;
  for (const std::uint64_t place : {5u, 1u, 3u, 2u, 4u})
    insert(timeline, entry(place, Operation::update, "RUNNING"));
  for (std::size_t i = 0; i < timeline.size(); ++i)
    EXPECT_EQ(timeline[i].position.commit_lsn.value, i + 1);
  EXPECT_NE(find(timeline, timeline[2].position), nullptr);
  EXPECT_EQ(find(timeline, schema::Position{1, Lsn{3}, 0}), nullptr);
}

TEST(Timeline, EntriesSayWhatTheirRunWasMadeFor) {
  mage::RunChange change;
  change.operation = Operation::insert;
  change.run = mage::PipelineRun{};
  EXPECT_EQ(make_entry(mage::RunChange(change)).execution_date, kMinusInfinity);
  change.run->execution_date = Timestamp(std::chrono::hours(7));
  EXPECT_EQ(make_entry(mage::RunChange(change)).execution_date, Timestamp(std::chrono::hours(7)));
  change.operation = Operation::remove;
  EXPECT_EQ(make_entry(std::move(change)).execution_date, kMinusInfinity);
}

TEST(Timeline, SnapshotRowsSortBeforeTheStreamOfTheirCommit) {
  Timeline timeline;
  insert(timeline, entry(7, Operation::update, "RUNNING"));
  Entry read = entry(7, Operation::read, "INITIAL");
  read.position.ordinal = schema::Position::kSnapshot;
  insert(timeline, read);
  EXPECT_EQ(timeline.front().operation, Operation::read);
}

TEST(Fold, LeavesShortTimelinesAlone) {
  Timeline timeline(10, entry(1, Operation::update, "RUNNING"));
  EXPECT_FALSE(fold(timeline, 10));
  EXPECT_EQ(timeline.size(), 10u);
}

TEST(Fold, TakesOutTheOldestEntriesThatSayNothing) {
  Timeline timeline{entry(1, Operation::insert, "INITIAL"), entry(2, Operation::update, "RUNNING")};
  for (std::uint64_t place = 3; place < 100; ++place)
    timeline.push_back(entry(place, Operation::update, "RUNNING"));
  timeline.push_back(entry(100, Operation::update, "FAILED"));
  const auto before = observe(timeline, kLongAgo).steps.size();
  const auto floor = fold(timeline, 20);
  ASSERT_TRUE(floor);
  EXPECT_EQ(floor->commit_lsn.value, 82u);
  EXPECT_EQ(timeline.size(), 20u);
  EXPECT_EQ(timeline.back().pipeline, "p100");
  EXPECT_EQ(observe(timeline, kLongAgo).steps.size(), before);
}

TEST(Fold, KeepsEntriesThatSaySomething) {
  Timeline timeline{entry(1, Operation::insert, "INITIAL")};
  for (std::uint64_t place = 2; place < 40; ++place)
    timeline.push_back(entry(place, Operation::update, place % 2 == 0 ? "RUNNING" : "FAILED"));
  EXPECT_FALSE(fold(timeline, 10));
  EXPECT_EQ(timeline.size(), 39u);
}

TEST(Fold, KeepsTheEntryThatSaidWhichTriggerMadeTheRun) {
  Timeline timeline;
  for (std::uint64_t place = 1; place < 40; ++place)
    timeline.push_back(entry(place, Operation::update, "RUNNING"));
  timeline[20].schedule_id = 7;
  timeline[20].execution_date = Timestamp(std::chrono::hours(7));
  const RunState before = run_state(timeline);
  EXPECT_EQ(before.schedule, 7);
  ASSERT_TRUE(fold(timeline, 1));
  EXPECT_EQ(run_state(timeline), before);
}

}  // namespace
}  // namespace walpulse::monitor
