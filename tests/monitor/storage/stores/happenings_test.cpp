#include <vector>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HappeningStoreTest : public StoreTest {
 protected:
  static Happening happening(std::int64_t run, std::int64_t source = 1) {
    Happening made;
    made.source = source;
    made.run = run;
    made.status = "COMPLETED";
    made.position = position(100);
    made.at = at(5);
    made.pipeline = "daily";
    return made;
  }
  /// Those of one transaction.
  void add_together(const std::vector<Happening>& happenings) {
    writing([&](Transaction& in) {
      in.happenings().add(happenings);
      return true;
    });
  }
  /// Each by a transaction of its own.
  void add(const std::vector<Happening>& happenings) {
    for (const Happening& each : happenings) add_together({each});
  }
  std::vector<Happening> oldest(std::size_t count_max = 100,
                                const std::vector<std::int64_t>& but = {}) {
    return reading([&](Transaction& in) { return in.happenings().oldest(count_max, but); });
  }
  std::vector<std::int64_t> runs(const std::vector<Happening>& happenings) {
    std::vector<std::int64_t> ids;
    for (const Happening& each : happenings) ids.push_back(each.run);
    return ids;
  }
  std::int64_t count() {
    return reading([](Transaction& in) { return in.happenings().count(); });
  }
};

TEST_P(HappeningStoreTest, KeepsAllOfAHappening) {
  Happening whole = happening(-812, 3);
  whole.status = "FAILED";
  whole.nth = 4'000'000'000;
  whole.position = {kEpoch, Lsn{UINT64_MAX}, INT64_MIN};
  whole.at = kInfinity;
  whole.pipeline = std::string("it's; \"a\"\n\0\xFF", 12);
  whole.trigger = -7;
  whole.made_by = "trigger";
  whole.labels = {{"partner", "acme"}, {"zone", ""}};
  whole.seconds = 0.1;
  whole.block = "load";
  whole.error = std::string(100'000, 'e');
  whole.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  add({whole, happening(1)});
  auto kept = oldest();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_GT(kept[0].id, 0);
  EXPECT_GT(kept[1].id, kept[0].id);
  kept[0].id = kept[1].id = 0;
  EXPECT_THAT(kept, ElementsAre(whole, happening(1)));
  EXPECT_EQ(count(), 2);
}

TEST_P(HappeningStoreTest, TheOldestComeFirstAndThoseHeldBackHideNoOther) {
  add({happening(1, 1), happening(2, 2), happening(3, 1)});
  add({happening(4, 2), happening(5, 3)});
  EXPECT_THAT(runs(oldest()), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(runs(oldest(2)), ElementsAre(1, 2));
  EXPECT_THAT(runs(oldest(2, {1})), ElementsAre(2, 4));
  EXPECT_THAT(runs(oldest(10, {2, 3})), ElementsAre(1, 3));
  EXPECT_THAT(oldest(0), IsEmpty());
}

TEST_P(HappeningStoreTest, WhatOneTransactionCountedOfATableIsHandledTogether) {
  add_together({happening(1, 1), happening(2, 2), happening(3, 1)});
  add_together({});
  add({happening(4, 1)});
  EXPECT_THAT(runs(oldest(1)), ElementsAre(1, 3));
  EXPECT_THAT(runs(oldest(3)), ElementsAre(1, 3, 2));
  EXPECT_THAT(runs(oldest(1, {1})), ElementsAre(2));
  EXPECT_EQ(count(), 4);
  const auto first = oldest(1).at(0).id;
  writing([&](Transaction& in) {
    in.happenings().remove(std::vector{first});
    return true;
  });
  EXPECT_THAT(runs(oldest()), ElementsAre(2, 4));
  EXPECT_EQ(count(), 2);
}

TEST_P(HappeningStoreTest, WhatWasHandledIsForgottenByItsId) {
  add({happening(1), happening(2), happening(3)});
  const auto kept = oldest();
  writing([&](Transaction& in) {
    in.happenings().remove(std::vector{kept[0].id, kept[2].id, kept[2].id + 1000});
    in.happenings().remove({});
    return true;
  });
  EXPECT_THAT(runs(oldest()), ElementsAre(2));
  add({happening(4)});
  EXPECT_THAT(runs(oldest()), ElementsAre(2, 4));
  EXPECT_EQ(count(), 2);
}

TEST_P(HappeningStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.happenings().add(std::vector{happening(1)}); });
  EXPECT_THAT(oldest(), IsEmpty());
  add({happening(2)});
  EXPECT_THAT(runs(oldest()), ElementsAre(2));
}

INSTANTIATE_TEST_SUITE_P(Storages, HappeningStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
