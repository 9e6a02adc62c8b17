#include "connector/options/replay_bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;

EventReference event(std::string name, std::string table, std::uint64_t epoch, std::uint64_t lsn) {
  return {std::move(name), std::move(table), epoch, Lsn{lsn}};
}

TEST(ReplayBound, IsAPosition) {
  EXPECT_EQ(std::get<Lsn>(parse_replay_bound("16/B374D848").value()), Lsn{0x16B374D848});
}

TEST(ReplayBound, IsATimeWithItsZone) {
  const auto expected = parse_timestamp("2026-11-20T21:45:30Z").value();
  EXPECT_EQ(std::get<Timestamp>(parse_replay_bound("2026-11-20T21:45:30Z").value()), expected);
  EXPECT_EQ(std::get<Timestamp>(parse_replay_bound("2026-11-20 18:45:30-03").value()), expected);
}

TEST(ReplayBound, IsAnEventId) {
  EXPECT_EQ(std::get<EventReference>(
                parse_replay_bound("mage/public.pipeline_run/1763600000/24023200/3").value()),
            event("mage", "public.pipeline_run", 1763600000, 24023200));
  EXPECT_EQ(std::get<EventReference>(
                parse_replay_bound("mage/public.pipeline_run/1763600000/24023200/3d").value()),
            event("mage", "public.pipeline_run", 1763600000, 24023200))
      << "of a changed key the delete";
  EXPECT_EQ(
      std::get<EventReference>(parse_replay_bound("mage/a/b.c/d/1763600000/24023200/3").value()),
      event("mage", "a/b.c/d", 1763600000, 24023200))
      << "a table's name may hold slashes";
}

TEST(ReplayBound, IsTheIdOfASnapshotRow) {
  for (const char* key : {"812", "a/b", "1/2/3"}) {
    EXPECT_EQ(
        std::get<EventReference>(
            parse_replay_bound(std::string("mage/public.pipeline_run/17/24/r/") + key).value()),
        event("mage", "public.pipeline_run", 17, 24))
        << key;
  }
}

TEST(ReplayBound, RefusesEverythingElseWithExamples) {
  for (const char* text :
       {"", "yesterday", "16", "16/", "2026-11-20T21:45:30", "infinity", "mage/public.run/1/2",
        "mage/public.run/1/x/0", "/public.run/1/2/3", "mage/run/1/2/3", "123456789/1",
        "mage/public.run/1/2/d", "mage/public.run/1/2/3dd"}) {
    const auto bound = parse_replay_bound(text);
    ASSERT_FALSE(bound.has_value()) << text;
    EXPECT_THAT(bound.error().message, HasSubstr("16/B374D848")) << text;
    EXPECT_THAT(bound.error().message, HasSubstr("2026-11-20T21:45:30Z")) << text;
  }
}

}  // namespace
}  // namespace walpulse::connector
