#include <gtest/gtest.h>

#include "decoder/schema/event_json.h"
#include "tests/decoder/schema/sample_event.h"

namespace walpulse::schema {
namespace {

struct WideEvent : SampleEvent {
  WideEvent() {
    event.operation = Operation::update;
    id(value("812"), value("812"));
    column("small", kTextOid, value(small), value(small));
    column("large", kTextOid, value(small), value(large));
    column("middle", kTextOid, null(), value(middle));
  }
  std::string small = std::string(10, 's');
  std::string middle = std::string(1'000, '"');  // Twice that in JSON.
  std::string large = std::string(5'000, 'l');
};

TEST(EventJsonWithin, LeavesAnEventThatFitsAlone) {
  WideEvent wide;
  std::string out = "before";
  EXPECT_EQ(append_json_within(wide.event, wide.json().size(), out).value(), 0u);
  EXPECT_EQ(out, "before" + wide.json());
}

TEST(EventJsonWithin, DropsTheLargestColumnFromBothRows) {
  WideEvent wide;
  std::string out;
  EXPECT_EQ(append_json_within(wide.event, wide.json().size() - 1, out).value(), 1u);
  EXPECT_EQ(wide.event.before[2], dropped());
  EXPECT_EQ(wide.event.after[2], dropped());
  EXPECT_EQ(out, wide.json());
  EXPECT_NE(out.find(R"("dropped":["large"])"), std::string::npos);
}

TEST(EventJsonWithin, DropsOneAfterTheOtherUntilItFits) {
  WideEvent wide;
  std::string out;
  EXPECT_EQ(append_json_within(wide.event, 1'500, out).value(), 2u);
  EXPECT_LE(out.size(), 1'500u);
  EXPECT_EQ(wide.event.after[1], value(wide.small));
  EXPECT_EQ(wide.event.before[3], null());
  EXPECT_NE(out.find(R"("dropped":["large","middle"])"), std::string::npos);
}

TEST(EventJsonWithin, DropsNoMoreThanIsNeededForAnyLimit) {
  for (std::size_t bytes_max = 400; bytes_max < 8'000; bytes_max += 7) {
    WideEvent wide;
    std::string out;
    const Result<std::size_t> dropped_count = append_json_within(wide.event, bytes_max, out);
    if (!dropped_count) continue;
    EXPECT_LE(out.size(), bytes_max);
    WideEvent less;
    const std::size_t order[] = {2, 3, 1};
    for (std::size_t i = 0; i + 1 < *dropped_count; ++i) {
      for (Row* row : {&less.event.before, &less.event.after}) {
        Cell& cell = (*row)[order[i]];
        if (cell.state == Cell::State::value) cell = dropped();
      }
    }
    if (*dropped_count == 0) continue;
    EXPECT_GT(less.json().size(), bytes_max);
  }
}

TEST(EventJsonWithin, RefusesWhereEvenTheKeyDoesNotFit) {
  WideEvent wide;
  std::string out = "before";
  const Result<std::size_t> result = append_json_within(wide.event, 100, out);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::rejected);
  EXPECT_NE(result.error().message.find("public.pipeline_run"), std::string::npos);
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace walpulse::schema
