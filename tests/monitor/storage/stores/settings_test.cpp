// The stores of a line or two: labels, pins and the lease.
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class LabelStoreTest : public StoreTest {};

TEST_P(LabelStoreTest, KeepsTheValuesOfEachLabel) {
  const auto add = [&](const std::string& label, const std::string& value) {
    writing([&](Transaction& in) {
      in.claim(Claim::labels);
      in.labels().add(label, value);
      return true;
    });
  };
  const auto values = [&](const std::string& label) {
    return reading([&](Transaction& in) { return in.labels().values(label); });
  };
  add("pipeline", "b");
  add("pipeline", "a");
  add("pipeline", "b");
  add("trigger", "c");
  rolled_back([](Transaction& in) { in.labels().add("pipeline", "gone"); });
  EXPECT_EQ(values("pipeline"), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(values("trigger"), (std::set<std::string>{"c"}));
  EXPECT_TRUE(values("other").empty());
}

INSTANTIATE_TEST_SUITE_P(Storages, LabelStoreTest, all_backends(), backend_name);

class PinStoreTest : public StoreTest {};

TEST_P(PinStoreTest, TheLastPinStands) {
  const auto pin = [&](const std::string& value) {
    writing([&](Transaction& in) {
      in.pins().pin("place", value);
      return true;
    });
  };
  const auto pinned = [&] {
    return reading([](Transaction& in) { return in.pins().value("place"); });
  };
  EXPECT_EQ(pinned(), "");
  pin("here");
  pin("there");
  rolled_back([](Transaction& in) { in.pins().pin("place", "nowhere"); });
  EXPECT_EQ(pinned(), "there");
}

TEST_P(PinStoreTest, FindsThoseWhoseNamesBeginSo) {
  writing([](Transaction& in) {
    for (const char* name : {"missed 1 2", "missed 1 10", "missed 10 2", "missing", "Missed 1 2"})
      in.pins().pin(name, name);
    return true;
  });
  const auto beginning = [&](const std::string& prefix) {
    return reading([&](Transaction& in) { return in.pins().beginning(prefix); });
  };
  EXPECT_EQ(beginning("missed 1 "),
            (std::map<std::string, std::string>{{"missed 1 10", "missed 1 10"},
                                                {"missed 1 2", "missed 1 2"}}));
  EXPECT_TRUE(beginning("none").empty());
}

INSTANTIATE_TEST_SUITE_P(Storages, PinStoreTest, all_backends(), backend_name);

class LeaseStoreTest : public StoreTest {};

TEST_P(LeaseStoreTest, WhoHasItProlongsIt) {
  const auto take = [&] {
    return writing([](Transaction& in) { return in.lease().take("a", std::chrono::hours(1)); });
  };
  const std::uint64_t generation = take();
  EXPECT_GT(generation, 0u);
  EXPECT_EQ(take(), generation);
  EXPECT_TRUE(writing([&](Transaction& in) { return in.lease().holds(generation); }));
  writing([&](Transaction& in) {
    in.lease().release(generation);
    return true;
  });
  EXPECT_GE(take(), generation);
}

INSTANTIATE_TEST_SUITE_P(Storages, LeaseStoreTest, all_backends(), backend_name);

class TransactionTest : public StoreTest {};

TEST_P(TransactionTest, ATouchSaysThatTheStorageTakesWrites) {
  writing([](Transaction& in) {
    in.touch();
    return true;
  });
}

INSTANTIATE_TEST_SUITE_P(Storages, TransactionTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
