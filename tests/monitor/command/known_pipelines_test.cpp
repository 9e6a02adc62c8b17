#include "monitor/command/known_pipelines.h"

#include <gmock/gmock.h>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor {
namespace {

using rules::KnownPipeline;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

/// A Friday at ten.
const Timestamp kNow = walpulse::monitor::testing::kBirth;

class KnownPipelinesTest : public ::testing::Test {
 protected:
  void add(const telemetry::Descriptor& metric, telemetry::Labels labels, telemetry::Number value,
           const std::string& source = "mage") {
    ledger_.metrics.push_back({&metric, {{std::move(labels), source, {}, std::move(value)}}});
  }
  void add_gauge(const std::string& pipeline, const std::string& source = "mage") {
    add(metrics_.consecutive_failures, {{"pipeline", pipeline}}, std::int64_t{0}, source);
  }
  void add_trigger(const std::string& pipeline, const std::string& interval,
                   const std::string& name = "nightly") {
    KnownTrigger known;
    known.source = "mage";
    known.table = "public.pipeline_schedule";
    known.trigger.name = name;
    known.trigger.pipeline_uuid = pipeline;
    known.trigger.schedule_type = "TIME";
    known.trigger.status = "ACTIVE";
    known.trigger.schedule_interval = interval;
    triggers_.push_back(std::move(known));
  }
  std::vector<KnownPipeline> known() const { return known_pipelines(ledger_, triggers_, kNow); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const KnownPipeline& each : known()) names.push_back(each.source + "/" + each.pipeline);
    return names;
  }
  /// Of a trigger with this interval.
  std::optional<rules::Duration> period(const std::string& interval) {
    triggers_.clear();
    add_trigger("a", interval);
    return known().at(0).period;
  }
  static telemetry::Distribution durations(std::vector<std::uint64_t> counts) {
    return {{60, 600, 3600}, std::move(counts), 0};
  }

  const MetricDescriptors& metrics_ = metric_descriptors();
  telemetry::MetricFamilies ledger_;
  std::vector<KnownTrigger> triggers_;
};

TEST_F(KnownPipelinesTest, AreThoseWithGaugesAndThoseOfTriggers) {
  add_gauge("b");
  add_gauge("a", "other");
  add_gauge("_other");
  add(metrics_.created_count, {{"pipeline", "long_gone"}, {"trigger", "trigger"}}, std::int64_t{9});
  add_trigger("a", "@daily");
  add_trigger("b", "@daily");
  add_trigger("", "@daily");
  triggers_.back().trigger.pipeline_uuid.reset();
  EXPECT_THAT(names(), ElementsAre("mage/a", "mage/b", "other/a"));
}

TEST_F(KnownPipelinesTest, AreNotAllWhereSomeAreFolded) {
  add_gauge("a");
  EXPECT_TRUE(tells_all_pipelines(ledger_));
  add(metrics_.finished_count, {{"pipeline", "_other"}, {"status", "COMPLETED"}}, std::int64_t{1});
  EXPECT_FALSE(tells_all_pipelines(ledger_));
}

TEST_F(KnownPipelinesTest, HaveTheBucketOfNineInTenAsUsual) {
  const auto usual = [&](std::vector<std::uint64_t> counts) {
    ledger_.metrics.clear();
    add_gauge("a");
    add(metrics_.duration, {{"pipeline", "a"}, {"status", "COMPLETED"}}, durations(counts));
    add(metrics_.duration, {{"pipeline", "a"}, {"status", "FAILED"}}, durations({0, 0, 100, 0}));
    return known().at(0);
  };
  EXPECT_EQ(usual({10, 0, 0, 0}).usual, rules::Duration(1min));
  EXPECT_EQ(usual({9, 1, 0, 0}).usual, rules::Duration(1min));
  EXPECT_EQ(usual({8, 2, 0, 0}).usual, rules::Duration(10min));
  EXPECT_EQ(usual({0, 0, 9, 1}).usual, rules::Duration(1h));
  EXPECT_EQ(usual({0, 0, 8, 2}).usual, std::nullopt) << "longer than the last bound";
  EXPECT_EQ(usual({0, 0, 0, 0}).usual, std::nullopt);
  EXPECT_EQ(usual({8, 2, 0, 0}).completed, 10u);
  EXPECT_EQ(usual({}).usual, std::nullopt);
}

TEST_F(KnownPipelinesTest, HaveTheLabelsOfTheirRuns) {
  add_gauge("a");
  const auto finished = [&](const std::string& status, const std::string& partner, int count) {
    add(metrics_.finished_count,
        {{"pipeline", "a"}, {"trigger", "trigger"}, {"status", status}, {"partner", partner}},
        std::int64_t{count});
  };
  finished("COMPLETED", "acme", 5);
  finished("FAILED", "acme", 2);
  finished("COMPLETED", "globex", 1);
  KnownPipeline pipeline = known().at(0);
  EXPECT_THAT(pipeline.labels,
              ElementsAre(Pair("partner", ElementsAre(Pair("acme", 7u), Pair("globex", 1u)))));
  EXPECT_THAT(pipeline.crowded_labels, IsEmpty());
  finished("COMPLETED", "_other", 1);
  EXPECT_THAT(known().at(0).crowded_labels, ElementsAre("partner"));
}

TEST_F(KnownPipelinesTest, HaveThePeriodOfTheirMostFrequentTrigger) {
  add_trigger("a", "@monthly", "monthly");
  add_trigger("a", "@daily", "daily");
  add_trigger("a", "@weekly", "weekly");
  EXPECT_EQ(known().at(0).period, rules::Duration(24h));
  EXPECT_THAT(known().at(0).triggers, ElementsAre("daily", "monthly", "weekly"));
}

TEST_F(KnownPipelinesTest, HaveNoPeriodWithoutAnActiveSchedule) {
  for (const char* interval : {"@once", "@always_on", "no cron", "", "0 0 30 2 *"}) {
    EXPECT_EQ(period(interval), std::nullopt) << interval;
  }
  const auto without = [&](auto change) {
    triggers_.clear();
    add_trigger("a", "@daily");
    change(triggers_.back().trigger);
    return known().at(0).period;
  };
  EXPECT_EQ(without([](auto& trigger) { trigger.status = "INACTIVE"; }), std::nullopt);
  EXPECT_EQ(without([](auto& trigger) { trigger.schedule_type = "API"; }), std::nullopt);
  EXPECT_EQ(without([](auto& trigger) { trigger.schedule_interval.reset(); }), std::nullopt);
}

TEST_F(KnownPipelinesTest, ThePeriodIsTheLongestPauseOfAnUnevenSchedule) {
  EXPECT_EQ(period("@hourly"), rules::Duration(1h));
  EXPECT_EQ(period("*/10 * * * *"), rules::Duration(10min));
  EXPECT_EQ(period("0 7 * * 1-5"), rules::Duration(72h)) << "over the weekend";
  EXPECT_EQ(period("* 9-16 * * *"), rules::Duration(16h + 1min)) << "over night";
  EXPECT_EQ(period("*/5 9-16 * * 1-5"), rules::Duration(64h + 5min)) << "over the weekend";
  EXPECT_EQ(period("0 0 1 * *"), rules::Duration(31 * 24h));
}

}  // namespace
}  // namespace walpulse::monitor
