#include "monitor/telling/happening_router.h"

#include <optional>
#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HappeningRouterTest : public LedgerTest {
 protected:
  void fail(std::int64_t id) {
    MageRun run(id, 10);
    apply({run.create(10), run.run(11), run.fail(12)}, 12);
  }
  /// From then on it is known what of the table is news.
  void beat() { apply({message(heartbeat(1, 5))}, 5); }
  /// The lines of a round.
  std::vector<std::string> round() {
    logged_.clear();
    EXPECT_TRUE(router().round(rules::RuleBook().in_force()));
    return logged_;
  }
  HappeningRouter& router() {
    if (!router_)
      router_.emplace(ledger(), [this](const Happening& happening, const std::string& source) {
        logged_.push_back(source + ' ' + std::to_string(happening.run) + ' ' + happening.status);
      });
    return *router_;
  }

  std::vector<std::string> logged_;
  std::optional<HappeningRouter> router_;
};

TEST_P(HappeningRouterTest, LogsWhatHappenedAndForgetsIt) {
  beat();
  EXPECT_THAT(round(), IsEmpty());
  fail(1);
  fail(2);
  EXPECT_THAT(round(), ElementsAre("mage/public.pipeline_run 1 FAILED",
                                   "mage/public.pipeline_run 2 FAILED"));
  EXPECT_THAT(happened(), IsEmpty());
  EXPECT_THAT(round(), IsEmpty());
}

TEST_P(HappeningRouterTest, WhatMustWaitIsLoggedOnce) {
  options.settle = std::chrono::minutes(3);
  fail(1);
  EXPECT_THAT(round(), SizeIs(1));
  EXPECT_THAT(round(), IsEmpty());
  EXPECT_THAT(happened(), SizeIs(1)) << "no heartbeat has named its table";
  fail(2);
  EXPECT_THAT(round(), SizeIs(1));
  router().clear();  // another process led meanwhile
  EXPECT_THAT(round(), SizeIs(2));
}

TEST_P(HappeningRouterTest, HandlesAllThatIsThereWithoutAPause) {
  beat();
  for (std::int64_t id = 1; id <= 250; ++id) fail(id);
  EXPECT_THAT(round(), SizeIs(250));
  EXPECT_THAT(happened(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, HappeningRouterTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
