#include <map>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class SnapshotStoreTest : public StoreTest {
 protected:
  static SnapshotEndRow end(std::uint64_t lsn, bool complete = false) {
    SnapshotEndRow row;
    row.position = position(lsn, schema::Position::kSnapshot);
    row.time = at(1);
    row.rows = 3;
    row.complete = complete;
    return row;
  }
  void save(const SnapshotEndRow& row) {
    writing([&](Transaction& in) {
      in.snapshots().save_end(source_, row);
      return true;
    });
  }
  void add(const std::vector<SnapshotRows>& rows) {
    writing([&](Transaction& in) {
      in.snapshots().add_rows(source_, rows);
      return true;
    });
  }
  std::map<std::int64_t, std::int64_t> rows_at(std::uint64_t lsn) {
    std::map<std::int64_t, std::int64_t> by_chunk;
    writing([&](Transaction& in) {
      for (const SnapshotRows& each :
           in.snapshots().rows(source_, position(lsn, schema::Position::kSnapshot)))
        by_chunk[each.chunk] = each.rows;
      return true;
    });
    return by_chunk;
  }
  std::vector<SnapshotEndRow> ends() { return context().sources.at(0).snapshot_ends; }

  const std::int64_t source_ = source();
};

TEST_P(SnapshotStoreTest, AnEndStaysCompleteOnceItWas) {
  save(end(100));
  ASSERT_EQ(ends().size(), 1u);
  EXPECT_TRUE(ends()[0].same(end(100)));
  EXPECT_EQ(ends()[0].rows, 3);
  EXPECT_EQ(ends()[0].time, at(1));
  EXPECT_FALSE(ends()[0].complete);
  save(end(100, /*complete=*/true));
  save(end(100));
  ASSERT_EQ(ends().size(), 1u);
  EXPECT_TRUE(ends()[0].complete);
}

TEST_P(SnapshotStoreTest, EndsOfOtherRangesStandByThemselves) {
  SnapshotEndRow part = end(100);
  part.from = 5;
  part.to = 9;
  save(end(100));
  save(part);
  EXPECT_EQ(ends().size(), 2u);
}

TEST_P(SnapshotStoreTest, RowsAddUp) {
  const schema::Position read = position(100, schema::Position::kSnapshot);
  add({{read, 0, 2}, {read, 1, 5}});
  add({{read, 0, 3}});
  EXPECT_EQ(rows_at(100), (std::map<std::int64_t, std::int64_t>{{0, 5}, {1, 5}}));
  EXPECT_TRUE(rows_at(200).empty());
}

TEST_P(SnapshotStoreTest, ForgetsWhatAWholeOneReplaces) {
  for (const std::uint64_t lsn : {100u, 200u, 300u}) {
    save(end(lsn));
    add({{position(lsn, schema::Position::kSnapshot), 0, 1}});
  }
  writing([&](Transaction& in) {
    in.snapshots().forget(source_, position(200, schema::Position::kSnapshot));
    return true;
  });
  EXPECT_EQ(ends().size(), 2u);
  EXPECT_TRUE(rows_at(100).empty());
  EXPECT_TRUE(rows_at(200).empty());
  EXPECT_EQ(rows_at(300).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Storages, SnapshotStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
