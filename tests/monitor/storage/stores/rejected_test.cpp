#include <vector>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RejectedStoreTest : public StoreTest {
 protected:
  void add(const std::string& message_id) {
    writing([&](Transaction& in) {
      in.rejected().add({0, message_id, at(1), "no event", std::string("\0data", 5), {{"a", "b"}}});
      return true;
    });
  }
  std::vector<Rejected> after(std::int64_t id, std::size_t count_max = 10) {
    return reading([&](Transaction& in) { return in.rejected().after(id, count_max); });
  }
  std::vector<std::string> unforwarded(std::size_t count_max = 10) {
    std::vector<std::string> ids;
    for (const Rejected& each :
         reading([&](Transaction& in) { return in.rejected().unforwarded(count_max); }))
      ids.push_back(each.message_id);
    return ids;
  }
};

TEST_P(RejectedStoreTest, KeepsAllOfAMessage) {
  add("m1");
  ASSERT_EQ(after(0).size(), 1u);
  const Rejected kept = after(0)[0];
  EXPECT_GT(kept.id, 0);
  EXPECT_EQ(kept.message_id, "m1");
  EXPECT_EQ(kept.received, at(1));
  EXPECT_EQ(kept.reason, "no event");
  EXPECT_EQ(kept.data, std::string("\0data", 5));
  EXPECT_EQ(kept.attributes, (schema::Attributes{{"a", "b"}}));
}

TEST_P(RejectedStoreTest, KeepsAMessageOnceButAllThatHaveNoId) {
  for (const char* id : {"m1", "m1", "", ""}) add(id);
  EXPECT_EQ(after(0).size(), 3u);
}

TEST_P(RejectedStoreTest, GivesTheOldestFirst) {
  for (const char* id : {"m1", "m2", "m3"}) add(id);
  const auto first = after(0, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].message_id, "m1");
  EXPECT_LT(first[0].id, first[1].id);
  const auto rest = after(first[1].id);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].message_id, "m3");
}

TEST_P(RejectedStoreTest, WhatWasForwardedStaysAmongTheRejected) {
  for (const char* id : {"m1", "m2"}) add(id);
  EXPECT_THAT(unforwarded(1), ElementsAre("m1"));
  const std::int64_t first = after(0)[0].id;
  writing([&](Transaction& in) {
    in.rejected().mark_forwarded(std::span(&first, 1));
    return true;
  });
  EXPECT_THAT(unforwarded(), ElementsAre("m2"));
  EXPECT_EQ(after(0).size(), 2u);
}

TEST_P(RejectedStoreTest, ARemovedOneMayComeAgain) {
  add("m1");
  const std::int64_t id = after(0)[0].id;
  writing([&](Transaction& in) {
    in.rejected().remove(std::span(&id, 1));
    return true;
  });
  EXPECT_TRUE(after(0).empty());
  EXPECT_THAT(unforwarded(), IsEmpty());
  add("m1");
  EXPECT_EQ(after(0).size(), 1u);
}

TEST_P(RejectedStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.rejected().add({0, "m1", at(1), "no event", "x", {}}); });
  add("m2");
  ASSERT_EQ(after(0).size(), 1u);
  EXPECT_EQ(after(0)[0].message_id, "m2");
}

TEST_P(RejectedStoreTest, SaysWhatAllTake) {
  const auto totals = [this] {
    return reading([](Transaction& in) { return in.rejected().totals(); });
  };
  EXPECT_EQ(totals(), RejectedTotals{});
  for (const char* id : {"m1", "m1", ""}) add(id);
  // "no event", five bytes, "a" and "b"
  EXPECT_EQ(totals(), (RejectedTotals{2, 2 * (kRejectedRowBytes + 8 + 5 + 2) + 2}));
  const std::int64_t first = after(0)[0].id;
  writing([&](Transaction& in) {
    in.rejected().remove(std::span(&first, 1));
    return true;
  });
  EXPECT_EQ(totals(), (RejectedTotals{1, kRejectedRowBytes + 8 + 5 + 2}));
}

TEST_P(RejectedStoreTest, WhatWasForwardedGoesFirstThenTheOldest) {
  for (const char* id : {"m1", "m2", "m3", "m4"}) add(id);
  const auto kept = after(0);
  const std::vector<std::int64_t> forwarded{kept[1].id, kept[3].id};
  writing([&](Transaction& in) {
    in.rejected().mark_forwarded(forwarded);
    return true;
  });
  const std::int64_t bytes = kept_bytes(kept[0]);
  EXPECT_THAT(
      reading([](Transaction& in) { return in.rejected().first_to_go(3); }),
      ElementsAre(RejectedSize{kept[1].id, bytes, true}, RejectedSize{kept[3].id, bytes, true},
                  RejectedSize{kept[0].id, bytes, false}));
}

TEST_P(RejectedStoreTest, SaysWhatIsOld) {
  writing([&](Transaction& in) {
    for (const double received : {1.0, 2.0, 3.0})
      in.rejected().add({0, "", at(received), "", "x", {}});
    return true;
  });
  const auto old =
      reading([](Transaction& in) { return in.rejected().received_before(at(3), 10); });
  ASSERT_EQ(old.size(), 2u);
  EXPECT_EQ(old[0], (RejectedSize{after(0)[0].id, kRejectedRowBytes + 1, false}));
  EXPECT_EQ(reading([](Transaction& in) { return in.rejected().received_before(at(3), 1); }).size(),
            1u);
}

INSTANTIATE_TEST_SUITE_P(Storages, RejectedStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
