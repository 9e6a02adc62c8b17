#include "decoder/schema/snapshot_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/decoder/schema/golden.h"

namespace walpulse::schema {
namespace {

using testing::ElementsAre;
using testing::Pair;

SnapshotEnd sample() {
  SnapshotEnd end;
  end.name = "mage";
  end.schema = "public";
  end.table = "pipeline_run";
  end.epoch = 1763600000;
  end.position = Lsn{24023200};
  end.row_count = 812;
  end.snapshot_at = Timestamp{std::chrono::microseconds{1763676332907123}};
  return end;
}

SnapshotEnd ranged() {
  SnapshotEnd end = sample();
  end.from_id = -5;
  end.to_id = INT64_MAX;
  return end;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(SnapshotEnd, IsWrittenByteForByte) {
  expect_golden("snapshot_end", to_json(sample()));
  expect_golden("snapshot_end_range", to_json(ranged()));
}

TEST(SnapshotEnd, IsTheSameReadAgain) {
  for (const SnapshotEnd& end : {sample(), ranged(), SnapshotEnd{}}) {
    const auto again = parse_snapshot_end(to_json(end));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, end);
  }
}

TEST(SnapshotEnd, IgnoresFieldsOfANewerWriter) {
  EXPECT_EQ(*parse_snapshot_end(replaced(to_json(sample()), "{\"name\"", "{\"new\":[],\"name\"")),
            sample());
}

TEST(SnapshotEnd, RefusesWhatIsNone) {
  const std::string good = to_json(ranged());
  for (const std::string& json :
       {std::string(), std::string("null"), std::string("{}"), std::string("[]"),
        good.substr(0, good.size() - 1), replaced(good, "\"name\"", "\"game\""),
        replaced(good, "\"from_id\":-5", "\"from_id\":1.5"),
        replaced(good, "\"from_id\":-5", "\"from_id\":\"5\""),
        replaced(good, "9223372036854775807", "9223372036854775808"),
        replaced(good, "9223372036854775807", "-6"),
        replaced(good, "\"row_count\":812", "\"row_count\":-1"),
        replaced(good, "\"row_count\":812", "\"row_count\":18446744073709551615"),
        replaced(good, "2025-11-20T22:05:32.907123Z", "yesterday")}) {
    const auto end = parse_snapshot_end(json);
    ASSERT_FALSE(end) << json;
    EXPECT_EQ(end.error().kind, ErrorKind::malformed);
  }
}

TEST(SnapshotEnd, RefusesWhatIsTooLongForOneWithoutReadingIt) {
  const auto end = parse_snapshot_end(
      replaced(to_json(sample()), "{\"name\"", "{\"new\":[" + std::string(20'000, '[')));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "not a snapshot's end: too long for one");
}

TEST(SnapshotEnd, HasCloudEventsAttributesAndAKeyOfItsOwn) {
  EXPECT_THAT(
      snapshot_end_attributes(sample()),
      ElementsAre(Pair("ce-specversion", "1.0"),
                  Pair("ce-id", "mage/public.pipeline_run/1763600000/24023200/end/-"),
                  Pair("ce-source", "/walpulse/mage"), Pair("ce-type", "walpulse.snapshot_end"),
                  Pair("ce-time", "2025-11-20T22:05:32.907123Z"),
                  Pair("content-type", "application/json"), Pair("table", "public.pipeline_run"),
                  Pair("schema_version", "1")));
  EXPECT_EQ(snapshot_end_attributes(ranged()).find("ce-id"),
            "mage/public.pipeline_run/1763600000/24023200/end/-5-9223372036854775807");
  EXPECT_EQ(snapshot_end_ordering_key(sample()), "snapshot_end/mage");
}

}  // namespace
}  // namespace walpulse::schema
