#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class SourceStoreTest : public StoreTest {
 protected:
  template <class Work>
  void with_sources(const Work& work) {
    writing([&](Transaction& in) {
      work(in.sources());
      return true;
    });
  }
};

TEST_P(SourceStoreTest, GivesEachTableAnId) {
  const std::int64_t first = source("mage", "public.a");
  const std::int64_t second = source("mage", "public.b");
  EXPECT_NE(first, 0);
  EXPECT_NE(first, second);
  const auto sources = context().sources;
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].id, first);
  EXPECT_EQ(sources[0].name, "mage");
  EXPECT_EQ(sources[0].table, "public.a");
  EXPECT_FALSE(sources[0].last_created);
  EXPECT_FALSE(sources[0].floor);
  EXPECT_FALSE(sources[0].delivered);
}

TEST_P(SourceStoreTest, LastCreatedNeverGoesBack) {
  SourceRow row;
  row.id = source();
  row.name = "mage";
  row.table = "public.t";
  for (const double when : {5.0, 3.0}) {
    row.last_created = at(when);
    with_sources([&](SourceStore& sources) { sources.save(row); });
  }
  EXPECT_EQ(context().sources.at(0).last_created, at(5));
}

TEST_P(SourceStoreTest, TheFloorOnlyRises) {
  const std::int64_t id = source();
  for (const std::uint64_t lsn : {500u, 300u})
    with_sources([&](SourceStore& sources) { sources.save_floor(id, position(lsn)); });
  EXPECT_EQ(context().sources.at(0).floor, position(500));
}

TEST_P(SourceStoreTest, KeepsTheEndsInOrder) {
  const std::int64_t id = source();
  for (const std::uint64_t lsn : {500u, 300u})
    with_sources(
        [&](SourceStore& sources) { sources.add_end(id, make_end(position(lsn), at(1))); });
  const Timeline ends = context().sources.at(0).ends;
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0], make_end(position(300), at(1)));
  EXPECT_EQ(ends[1], make_end(position(500), at(1)));
}

TEST_P(SourceStoreTest, AWatermarkMayDeliverNothing) {
  const std::int64_t id = source();
  const auto watermark = [&] {
    return writing([&](Transaction& in) { return in.sources().watermark(id); });
  };
  EXPECT_EQ(watermark(), "");
  with_sources([&](SourceStore& sources) { sources.save_watermark(id, "one", position(7), {}); });
  EXPECT_EQ(watermark(), "one");
  EXPECT_EQ(context().sources.at(0).delivered, position(7));
  with_sources([&](SourceStore& sources) { sources.save_watermark(id, "two", std::nullopt, {}); });
  EXPECT_EQ(watermark(), "two");
  EXPECT_FALSE(context().sources.at(0).delivered);
}

TEST_P(SourceStoreTest, AsOfNeverGoesBackAndStaysWhereItIsUnknown) {
  const std::int64_t id = source();
  const auto after = [&](Timestamp as_of) {
    with_sources(
        [&](SourceStore& sources) { sources.save_watermark(id, "", std::nullopt, as_of); });
    return context().sources.at(0).as_of;
  };
  EXPECT_EQ(after({}), std::nullopt);
  EXPECT_EQ(after(at(5)), at(5));
  EXPECT_EQ(after(at(3)), at(5));
  EXPECT_EQ(after({}), at(5));
  EXPECT_EQ(after(at(8)), at(8));
}

TEST_P(SourceStoreTest, CountsTheChangesOfEachSource) {
  const std::int64_t first = source("mage", "public.a"), second = source("mage", "public.b");
  EXPECT_EQ(context().sources.at(0).changes, 0);
  for (const std::int64_t id : {first, second, second})
    with_sources([&](SourceStore& sources) { sources.count_change(id); });
  rolled_back([&](Transaction& in) { in.sources().count_change(first); });
  EXPECT_EQ(context().sources.at(0).changes, 1);
  EXPECT_EQ(context().sources.at(1).changes, 2);
}

TEST_P(SourceStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) {
    SourceRow row;
    row.name = "mage";
    row.table = "public.t";
    in.sources().save(row);
  });
  EXPECT_TRUE(context().sources.empty());
}

INSTANTIATE_TEST_SUITE_P(Storages, SourceStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
