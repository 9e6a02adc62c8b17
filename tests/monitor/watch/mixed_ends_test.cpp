#include "monitor/watch/mixed_ends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace walpulse::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LabelledEnd of(const telemetry::Labels& labels, std::uint64_t lsn) {
  return {labels, std::nullopt, {{1, Lsn{lsn}, 0}, Timestamp{}}};
}
LabelledFailures failed(const telemetry::Labels& labels, std::uint64_t lsn,
                        std::uint64_t count = 1) {
  const LabelledEnd last = of(labels, lsn);
  return {labels, std::nullopt, count, last.end, last.end, 0};
}
telemetry::Labels partner(const std::string& name) { return {{"partner", name}}; }

PipelineFacts facts() {
  PipelineFacts made;
  made.source = "mage";
  made.pipeline = "sync";
  return made;
}

TEST(MixedEnds, OneValueFailsTimeAfterTimeWhileAnotherSucceeds) {
  PipelineFacts some = facts();
  some.successes = {of(partner("acme"), 40)};
  some.failures = {failed(partner("globex"), 41, 2), failed(partner("globex"), 31)};
  EXPECT_THAT(mixed_ends(some),
              ElementsAre(MixedEnds{"mage", "sync", "partner", "globex", 3, "acme"}));
}

TEST(MixedEnds, NotWhereFewFailOrNoneSucceedsOrItSucceededSince) {
  PipelineFacts some = facts();
  EXPECT_THAT(mixed_ends(some), IsEmpty());
  some.failures = {failed(partner("globex"), 41, 2), failed(partner("globex"), 31)};
  EXPECT_THAT(mixed_ends(some), IsEmpty());
  some.successes = {of(partner("globex"), 32), of(partner("acme"), 40)};
  EXPECT_THAT(mixed_ends(some), IsEmpty()) << "two in a row";
  some.successes = {of({}, 40)};
  EXPECT_THAT(mixed_ends(some), IsEmpty()) << "who has no partner is not another one";
  some.successes = {of(partner("acme"), 20)};
  some.failures.push_back(failed(partner("acme"), 30));
  EXPECT_THAT(mixed_ends(some), IsEmpty()) << "acme fails, too";
}

TEST(MixedEnds, EachLabelForItself) {
  PipelineFacts some = facts();
  const telemetry::Labels bad{{"partner", "globex"}, {"region", "eu"}};
  some.failures = {failed(bad, 43, 3)};
  some.successes = {of({{"partner", "acme"}, {"region", "eu"}}, 50)};
  EXPECT_THAT(mixed_ends(some),
              ElementsAre(MixedEnds{"mage", "sync", "partner", "globex", 3, "acme"}))
      << "the region's last end is a success";
}

}  // namespace
}  // namespace walpulse::monitor
