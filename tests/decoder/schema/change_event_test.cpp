#include "decoder/schema/change_event.h"

#include <gtest/gtest.h>

#include "tests/decoder/schema/sample_event.h"

namespace walpulse::schema {
namespace {

TEST(ChangeEvent, IdIsNameTableAndPosition) {
  SampleEvent sample;
  sample.event.position.ordinal = 7;
  sample.id({}, value("812"));
  EXPECT_EQ(qualified_name(sample.table), "public.pipeline_run");
  EXPECT_EQ(event_id(sample.event), "mage/public.pipeline_run/1763600000/24023200/7");
}

TEST(ChangeEvent, OfAChangedKeyTheDeleteHasAnIdOfItsOwn) {
  SampleEvent left;
  left.event.operation = Operation::remove;
  left.event.key_left = true;
  left.event.position.ordinal = 7;
  left.id(value("812"), {});
  EXPECT_EQ(event_id(left.event), "mage/public.pipeline_run/1763600000/24023200/7d");

  SampleEvent carried;
  carried.event.position.ordinal = 7;
  carried.id({}, value("813"));
  carried.event.previous_key = {value("812")};
  EXPECT_EQ(event_id(carried.event), "mage/public.pipeline_run/1763600000/24023200/7");
  EXPECT_EQ(primary_key(carried.event), "813");
}

TEST(ChangeEvent, IdOfASnapshotRowEndsWithItsKey) {
  SampleEvent sample;
  sample.event.operation = Operation::read;
  sample.event.position.ordinal = Position::kSnapshot;
  sample.id({}, value("812"));
  EXPECT_EQ(event_id(sample.event), "mage/public.pipeline_run/1763600000/24023200/r/812");
}

TEST(ChangeEvent, SnapshotRowsSortBeforeTheStreamEventsOfTheirLsn) {
  const Position snapshot{5, Lsn{100}, Position::kSnapshot};
  EXPECT_LT(snapshot, (Position{5, Lsn{100}, 0}));
  EXPECT_GT(snapshot, (Position{5, Lsn{99}, 7}));
  EXPECT_LT(snapshot, (Position{6, Lsn{1}, 0}));
}

TEST(ChangeEvent, KeyIsTheNewRowsWithoutAnOldOne) {
  SampleEvent sample;
  sample.id({}, value("812")).after("status", kTextOid, value("x"));
  EXPECT_EQ(primary_key(sample.event), "812");
}

TEST(ChangeEvent, ChangedKeyIsKnownByTheOldOne) {
  SampleEvent sample;
  sample.id(value("811"), value("812"));
  EXPECT_EQ(primary_key(sample.event), "811");
}

TEST(ChangeEvent, KeyOfSeveralColumnsIsJoined) {
  SampleEvent sample;
  sample.column("a", kInt4Oid, {}, value("1"), true)
      .column("b", kTextOid, {}, value("skipped"))
      .column("c", kTextOid, {}, value("x"), true);
  EXPECT_EQ(primary_key(sample.event), "1,x");
}

TEST(ChangeEvent, TruncatesAndKeylessTablesHaveNoKey) {
  SampleEvent truncate;
  truncate.event.operation = Operation::truncate;
  truncate.id({}, {});
  EXPECT_EQ(primary_key(truncate.event), "");
  SampleEvent keyless;
  keyless.after("a", kTextOid, value("x"));
  EXPECT_EQ(primary_key(keyless.event), "");
}

}  // namespace
}  // namespace walpulse::schema
