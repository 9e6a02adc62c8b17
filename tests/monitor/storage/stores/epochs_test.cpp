#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class EpochStoreTest : public StoreTest {
 protected:
  static EpochRow epoch(std::uint64_t number) {
    EpochRow row;
    row.name = "mage";
    row.table = "public.t";
    row.epoch = number;
    row.lsn = Lsn{100};
    row.lsn_time = at(1);
    row.newest = at(2);
    row.standing = Standing::accepted;
    row.since = IntakeTime(3);
    row.heartbeat = IntakeTime(4);
    row.identity = {~std::uint64_t{0}, "db", "publication", {1, 2}};
    row.decided = EpochRow::Decided::here;
    return row;
  }
  void save(const EpochRow& row) {
    writing([&](Transaction& in) {
      in.epochs().save(row);
      return true;
    });
  }
  std::vector<StayRow> stays(const EpochRow& of) {
    return writing([&](Transaction& in) { return in.epochs().stays(of); });
  }
  void save_stay(const EpochRow& of, const StayRow& stay) {
    writing([&](Transaction& in) {
      in.epochs().save_stay(of, stay);
      return true;
    });
  }
};

TEST_P(EpochStoreTest, KeepsAllThatIsKnownOfOne) {
  save(epoch(7));
  const auto epochs = context().epochs;
  ASSERT_EQ(epochs.size(), 1u);
  const EpochRow &saved = epochs[0], wanted = epoch(7);
  EXPECT_EQ(saved.name, wanted.name);
  EXPECT_EQ(saved.table, wanted.table);
  EXPECT_EQ(saved.epoch, wanted.epoch);
  EXPECT_EQ(saved.lsn, wanted.lsn);
  EXPECT_EQ(saved.lsn_time, wanted.lsn_time);
  EXPECT_EQ(saved.newest, wanted.newest);
  EXPECT_EQ(saved.standing, wanted.standing);
  EXPECT_EQ(saved.since, wanted.since);
  EXPECT_EQ(saved.heartbeat, wanted.heartbeat);
  EXPECT_EQ(saved.identity, wanted.identity);
}

TEST_P(EpochStoreTest, ASaveReplacesTheOneOfItsKeyAlone) {
  save(epoch(7));
  save(epoch(8));
  EpochRow changed = epoch(7);
  changed.lsn = Lsn{200};
  changed.lsn_time = at(9);
  changed.standing = Standing::conflicted;
  save(changed);
  const auto epochs = context().epochs;
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].lsn, Lsn{200});
  EXPECT_EQ(epochs[0].lsn_time, at(9));
  EXPECT_EQ(epochs[0].standing, Standing::conflicted);
  EXPECT_EQ(epochs[1].standing, Standing::accepted);
}

TEST_P(EpochStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.epochs().save(epoch(7)); });
  EXPECT_THAT(context().epochs, IsEmpty());
}

TEST_P(EpochStoreTest, AStayGrowsUntilItIsRemoved) {
  const StayRow first{"a", 1, Lsn{10}, Lsn{20}}, grown{"a", 1, Lsn{10}, Lsn{30}};
  const StayRow second{"a", 2, Lsn{40}, Lsn{50}};
  save_stay(epoch(7), first);
  save_stay(epoch(7), second);
  save_stay(epoch(7), grown);
  EXPECT_THAT(stays(epoch(7)), UnorderedElementsAre(grown, second));
  EXPECT_THAT(stays(epoch(8)), IsEmpty());
  writing([&](Transaction& in) {
    in.epochs().remove_stay(epoch(7), grown);
    return true;
  });
  EXPECT_THAT(stays(epoch(7)), ElementsAre(second));
}

INSTANTIATE_TEST_SUITE_P(Storages, EpochStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
