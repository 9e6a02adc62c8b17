#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/monitor/ledger/mage_session.h"
#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class MageSession : public LedgerTest {
 protected:
  MageSession() { options.settle = std::chrono::minutes(3); }

  void expect_the_truth(std::vector<ReceivedMessage> delivery) {
    intake_clock(std::chrono::seconds(1));
    while (!delivery.empty()) {
      const std::size_t size = std::min<std::size_t>(delivery.size(), 50);
      apply({delivery.begin(), delivery.begin() + static_cast<std::ptrdiff_t>(size)}, 2'000'000);
      delivery.erase(delivery.begin(), delivery.begin() + static_cast<std::ptrdiff_t>(size));
    }
    intake_clock(std::chrono::minutes(10));
    EXPECT_EQ(triggers(), session_.triggers);
    EXPECT_EQ(blocks(), session_.blocks);
    EXPECT_EQ(causes(), session_.causes);
    EXPECT_TRUE(rejected().empty());
  }

  std::set<std::string> triggers() {
    std::set<std::string> found;
    const auto known = ledger().triggers();
    EXPECT_TRUE(known);
    for (const KnownTrigger& each : *known)
      found.insert(std::to_string(each.trigger.id) + ' ' + each.trigger.status.value_or("-") + ' ' +
                   each.trigger.name.value_or("-") + ' ' + each.trigger.settings.value_or("-"));
    return found;
  }
  std::set<std::string> blocks() {
    std::set<std::string> found;
    for (const std::int64_t run : session_.runs) {
      const auto known = ledger().blocks("mage", run);
      EXPECT_TRUE(known);
      for (const KnownBlock& each : *known)
        found.insert(std::to_string(*each.block.pipeline_run_id) + ' ' +
                     std::to_string(each.block.id) + ' ' + *each.block.block_uuid + ' ' +
                     *each.block.status);
    }
    return found;
  }
  std::map<std::string, std::int64_t> causes() {
    std::map<std::string, std::int64_t> found;
    const auto snapshot = ledger().snapshot(at(2'000'000));
    EXPECT_TRUE(snapshot);
    for (const telemetry::Metric& metric : snapshot->metrics)
      if (metric.descriptor->name == "pipeline_run/failed_count")
        for (const telemetry::Point& point : metric.points)
          found[point.labels.at("cause")] += std::get<std::int64_t>(point.value);
    return found;
  }

  Session session_;
};

TEST_P(MageSession, HoldsWhatItIsToShow) {
  EXPECT_EQ(session_.log.size(), 472u);
  EXPECT_GT(session_.triggers.size(), 40u);
  EXPECT_GT(session_.blocks.size(), 30u);
  EXPECT_GT(session_.causes["block"], 0);
  EXPECT_GT(session_.causes["unknown"], 0);
}

TEST_P(MageSession, IsToldInOrder) { expect_the_truth(session_.log); }

TEST_P(MageSession, IsToldBackwards) {
  expect_the_truth({session_.log.rbegin(), session_.log.rend()});
}

TEST_P(MageSession, IsToldInAnyOrderAndTwice) {
  auto delivery = session_.log;
  delivery.insert(delivery.end(), session_.log.begin(), session_.log.end());
  std::shuffle(delivery.begin(), delivery.end(), std::mt19937(80));
  expect_the_truth(delivery);
}

INSTANTIATE_TEST_SUITE_P(Storages, MageSession, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
