#include "monitor/ledger/timeline/trigger_history.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "monitor/ledger/timeline/trigger_expectation.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

int below(int many) { return *rc::gen::resize(1000, rc::gen::inRange(0, many)); }

/// One trigger as Mage may write it, and what a walk through its changes in order comes to.
class History {
 public:
  std::vector<RowEntry> log;
  std::optional<mage::PipelineSchedule> row;  ///< With its settings as far as they were said.
  std::optional<Trigger> expects;

  /// Written with the next change.
  mage::PipelineSchedule next;

  void insert() { put(Operation::insert, true); }
  void update() { put(row ? Operation::update : Operation::insert, true); }
  /// Its settings are TOASTed, and stay as they were.
  void update_without_settings() {
    if (!row) return insert();
    put(Operation::update, false);
  }
  /// Of one that was there before the ledger heard of it.
  void begin_without_settings() { put(Operation::update, false); }
  void read() {
    if (!row) return;
    put(Operation::read, true);
    log.back().position.ordinal = schema::Position::kSnapshot;
  }
  void remove() {
    add(Operation::remove, std::nullopt);
    row.reset();
    expects.reset();
    said_ = false;
  }

 private:
  void put(Operation operation, bool says_settings) {
    if (says_settings) {
      settings_ = next.settings;
      said_ = true;
    }
    row = next;
    row->settings = said_ ? settings_ : std::nullopt;
    row->settings_unchanged = !said_;
    mage::PipelineSchedule written = next;
    if (!says_settings) written.settings.reset();
    written.settings_unchanged = !says_settings;
    add(operation, written);
    const Trigger now = expectation_of(*row, log.back().commit_time);
    expects = expects && operation != Operation::insert ? rewritten(*expects, now) : now;
  }
  void add(Operation operation, std::optional<mage::Row> written) {
    const auto lsn = log.size() + 1;
    log.push_back({{1, Lsn{lsn}, 0}, operation, Timestamp(std::chrono::seconds(lsn)), written});
  }

  std::optional<std::string> settings_;
  bool said_ = false;  ///< The settings, since the trigger is there.
};

constexpr const char* kInitialRun = R"({"create_initial_pipeline_run": true})";

/// Of calm histories most changes expect the same.
History random_history(int steps) {
  History history;
  history.next.status = "ACTIVE";
  const int calm = *rc::gen::element(1, 20, 100);
  const int said = *rc::gen::element(1, 2, 100);
  const auto update = [&] {
    below(said) == 0 ? history.update() : history.update_without_settings();
  };
  if (below(4) == 0) history.begin_without_settings();
  while (--steps > 0) {
    if (below(calm) > 0) {
      history.next.name = std::to_string(below(100));
      update();
      continue;
    }
    switch (below(4)) {
      case 0:
        history.next.status = below(2) == 0 ? "ACTIVE" : "INACTIVE";
        update();
        break;
      case 1:
        history.next.settings = below(2) == 0 ? "{}" : kInitialRun;
        history.update();
        break;
      case 2:
        history.read();
        break;
      default:
        if (below(3) == 0) history.remove();
    }
  }
  return history;
}

TableRow row_of(const std::vector<RowEntry>& delivery) {
  TableRow row;
  for (const RowEntry& entry : delivery) take(row, mage::Table::triggers, entry, true);
  return row;
}

void comes_to(const std::vector<RowEntry>& delivery, const History& history) {
  const TableRow row = row_of(delivery);
  RC_ASSERT(row.entries.size() <= kTriggerEntriesMax);
  RC_ASSERT(current_trigger(row) == history.row);
  const auto expects = current_expectation(row);
  RC_ASSERT(expects.has_value() == history.expects.has_value());
  if (!expects) return;
  RC_ASSERT(same_expectation(*expects, *history.expects));
  RC_ASSERT(expects->known_since == history.expects->known_since);
}

RC_GTEST_PROP(TriggerHistoryProperty, AnyDeliveryComesToWhatAWalkInOrderDoes, ()) {
  const History history = random_history(*rc::gen::inRange(1, int{kTriggerEntriesMax}));
  std::vector<RowEntry> delivery = history.log;
  comes_to(delivery, history);
  std::reverse(delivery.begin(), delivery.end());
  comes_to(delivery, history);
  delivery.insert(delivery.end(), history.log.begin(), history.log.end());
  comes_to(delivery, history);
  std::shuffle(delivery.begin(), delivery.end(),
               std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  comes_to(delivery, history);
}

/// Each change at most so many places late, and some of them again.
std::vector<RowEntry> disordered(const std::vector<RowEntry>& log, int places) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  std::uniform_int_distribution<int> late(0, places);
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t i = 0; i < log.size(); ++i) {
    order.emplace_back(static_cast<int>(i) + late(random), i);
    if (late(random) == 0) order.emplace_back(static_cast<int>(i) + late(random), i);
    if (late(random) < 5) order.emplace_back(static_cast<int>(log.size()) + late(random), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<RowEntry> delivery;
  for (const auto& [when, i] : order) delivery.push_back(log[i]);
  return delivery;
}

RC_GTEST_PROP(TriggerHistoryProperty, MoreChangesThanAreKeptComeToTheSameIfNoneIsVeryLate, ()) {
  const History history = random_history(*rc::gen::resize(1000, rc::gen::inRange(60, 400)));
  comes_to(disordered(history.log, 20), history);
}

TEST(TriggerHistory, ASchedulerStartedOverAndOverDoesNotMoveSinceWhen) {
  History history;
  history.next.status = "INACTIVE";
  history.insert();
  history.next.settings = kInitialRun;
  history.update();
  history.next.status = "ACTIVE";
  history.update_without_settings();
  const Timestamp since = history.expects->known_since;
  for (int i = 0; i < 10'000; ++i) {
    history.next.name = std::to_string(i % 2);
    history.update_without_settings();
  }
  TableRow row = row_of(history.log);
  EXPECT_EQ(row.entries.size(), kTriggerEntriesMax);
  EXPECT_EQ(current_expectation(row)->known_since, since);
  EXPECT_TRUE(current_expectation(row)->create_initial_pipeline_run);
  // All of it once more moves nothing.
  for (const RowEntry& entry : history.log) take(row, mage::Table::triggers, entry, true);
  EXPECT_EQ(current_expectation(row)->known_since, since);
  EXPECT_EQ(row.entries.size(), kTriggerEntriesMax);
}

TEST(TriggerHistory, AChangeThatComesLateSplitsWhatExpectedTheSame) {
  History history;
  history.next.status = "ACTIVE";
  for (int i = 0; i < 3; ++i) history.update();
  history.next.status = "INACTIVE";
  history.update();
  const std::size_t late = history.log.size() - 1;
  history.next.status = "ACTIVE";
  for (int i = 0; i < 20; ++i) history.update();
  std::vector<RowEntry> delivery = history.log;
  std::rotate(delivery.begin() + static_cast<std::ptrdiff_t>(late),
              delivery.begin() + static_cast<std::ptrdiff_t>(late) + 1, delivery.end());
  EXPECT_EQ(current_expectation(row_of(delivery))->known_since, history.log[late + 1].commit_time);
}

TEST(TriggerHistory, AnInsertBeginsAnewThoughNoDeleteCame) {
  History history;
  history.next.status = "ACTIVE";
  history.insert();
  history.insert();
  history.update();
  EXPECT_EQ(current_expectation(row_of(history.log))->known_since, history.log[1].commit_time);
}

TEST(TriggerHistory, ATriggerThatIsDeletedOrNeverSeenExpectsNothing) {
  EXPECT_FALSE(current_expectation(TableRow{}));
  EXPECT_FALSE(current_trigger(TableRow{}));
  History history;
  history.insert();
  history.remove();
  EXPECT_FALSE(current_expectation(row_of(history.log)));
}

TEST(TriggerHistory, ARowOfAnEarlierBuildHasOneEntry) {
  History history;
  history.next.status = "ACTIVE";
  history.insert();
  TableRow row;
  row.entries = history.log;
  EXPECT_EQ(current_expectation(row)->known_since, history.log[0].commit_time);
  history.update();
  take(row, mage::Table::triggers, history.log[1], true);
  EXPECT_EQ(current_expectation(row)->known_since, history.log[0].commit_time);
}

}  // namespace
}  // namespace walpulse::monitor
