#include "monitor/ledger/application/capture_as_of.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse::monitor {
namespace {

Timestamp second(int n) { return Timestamp(std::chrono::seconds(n)); }

class CaptureAsOf : public ::testing::Test {
 protected:
  void table(const std::string& name, const std::string& table, std::optional<Timestamp> as_of,
             std::vector<std::uint64_t> epochs, Standing standing = Standing::accepted) {
    SourceRow source;
    source.name = name;
    source.table = table;
    source.as_of = as_of;
    context.sources.push_back(source);
    for (const std::uint64_t number : epochs) {
      EpochRow epoch;
      epoch.name = name;
      epoch.table = table;
      epoch.epoch = number;
      epoch.standing = standing;
      context.epochs.push_back(epoch);
    }
  }
  std::optional<Timestamp> of(std::size_t at) const {
    return capture_as_of(context, context.sources[at]);
  }

  Context context;
};

TEST_F(CaptureAsOf, IsThatOfTheTableThatHeartbeatsName) {
  table("mage", "public.pipeline_run", second(5), {1});
  table("mage", "public.pipeline_schedule", std::nullopt, {1});
  EXPECT_EQ(of(0), second(5));
  EXPECT_EQ(of(1), second(5));
}

TEST_F(CaptureAsOf, IsNothingOfAnotherSourceOrCapture) {
  table("staging", "public.pipeline_run", second(5), {1});
  table("mage", "public.pipeline_run", second(6), {2});
  table("mage", "public.pipeline_schedule", std::nullopt, {1});
  EXPECT_EQ(of(2), std::nullopt);
}

TEST_F(CaptureAsOf, FollowsTheCaptureThatTheTableIsOfNow) {
  table("mage", "public.pipeline_run", second(9), {1, 3});
  table("mage", "public.pipeline_schedule", second(6), {1, 2});
  EXPECT_EQ(of(1), second(6)) << "it has a capture of its own";
  table("mage", "public.block_run", std::nullopt, {1});
  EXPECT_EQ(of(2), second(9));
}

TEST_F(CaptureAsOf, OfWhatIsRefusedOrWasNeverSeenIsUnknown) {
  table("mage", "public.pipeline_run", second(5), {1}, Standing::refused);
  table("mage", "public.pipeline_schedule", std::nullopt, {1});
  table("mage", "public.block_run", std::nullopt, {});
  EXPECT_EQ(of(1), std::nullopt);
  EXPECT_EQ(of(2), std::nullopt);
}

}  // namespace
}  // namespace walpulse::monitor
