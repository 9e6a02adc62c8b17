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

INSTANTIATE_TEST_SUITE_P(Storages, RejectedStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
