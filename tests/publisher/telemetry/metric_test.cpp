#include "publisher/telemetry/metric.h"

#include <gtest/gtest.h>

#include <limits>

namespace walpulse::telemetry {
namespace {

using Kind = Descriptor::Kind;
using ValueType = Descriptor::ValueType;

TEST(Distribution, CountsAValueInTheFirstBucketThatHoldsIt) {
  Distribution distribution{{1, 10}, {}, 0};
  for (const double value : {0.5, 1.0, 1.5, 10.0, 11.0}) distribution.add(value);
  EXPECT_EQ(distribution.counts, (std::vector<std::uint64_t>{2, 2, 1}));
  EXPECT_EQ(distribution.count(), 5u);
  EXPECT_DOUBLE_EQ(distribution.sum, 24);
}

TEST(PrometheusText, WritesCountersWithSourceAndEscapedLabels) {
  const Descriptor descriptor{"pipeline_run/finished_count",
                              "",
                              "Runs \\ that\nended.",
                              "1",
                              Kind::cumulative,
                              ValueType::int64,
                              {"pipeline"}};
  const Metric metric{&descriptor, {{{{"pipeline", "a\"b\\c\nd"}}, "mage", {}, std::int64_t{7}}}};
  EXPECT_EQ(prometheus_text({{}, {metric}}),
            "# HELP walpulse_pipeline_run_finished_count_total Runs \\\\ that\\nended.\n"
            "# TYPE walpulse_pipeline_run_finished_count_total counter\n"
            "walpulse_pipeline_run_finished_count_total{source=\"mage\","
            "pipeline=\"a\\\"b\\\\c\\nd\"} 7\n");
}

TEST(PrometheusText, WritesGaugesAsShortAsTheyAre) {
  const Descriptor descriptor{"flow/heartbeat_age", "", "Age.", "s", Kind::gauge,
                              ValueType::double_,   {}};
  const double infinity = std::numeric_limits<double>::infinity();
  const Metric metric{&descriptor, {{{}, "", {}, 0.1}, {{}, "a", {}, -infinity}}};
  EXPECT_EQ(prometheus_text({{}, {metric}}),
            "# HELP walpulse_flow_heartbeat_age Age.\n"
            "# TYPE walpulse_flow_heartbeat_age gauge\n"
            "walpulse_flow_heartbeat_age 0.1\n"
            "walpulse_flow_heartbeat_age{source=\"a\"} -Inf\n");
}

TEST(PrometheusText, WritesHistogramsCumulatively) {
  const Descriptor descriptor{"pipeline_run/duration", "", "Time.", "s", Kind::cumulative,
                              ValueType::distribution, {}};
  const Metric metric{
      &descriptor,
      {{{{"status", "FAILED"}}, "mage", {}, Distribution{{0.5, 60}, {1, 2, 3}, 99.5}}}};
  EXPECT_EQ(prometheus_text({{}, {metric}}),
            "# HELP walpulse_pipeline_run_duration_seconds Time.\n"
            "# TYPE walpulse_pipeline_run_duration_seconds histogram\n"
            "walpulse_pipeline_run_duration_seconds_bucket"
            "{source=\"mage\",status=\"FAILED\",le=\"0.5\"} 1\n"
            "walpulse_pipeline_run_duration_seconds_bucket"
            "{source=\"mage\",status=\"FAILED\",le=\"60\"} 3\n"
            "walpulse_pipeline_run_duration_seconds_bucket"
            "{source=\"mage\",status=\"FAILED\",le=\"+Inf\"} 6\n"
            "walpulse_pipeline_run_duration_seconds_sum{source=\"mage\",status=\"FAILED\"} 99.5\n"
            "walpulse_pipeline_run_duration_seconds_count{source=\"mage\",status=\"FAILED\"} 6\n");
}

TEST(PrometheusText, WhatEarlierBuildsLetInBreaksNoScrape) {
  const Descriptor descriptor{"a", "", "A.", "1", Kind::gauge, ValueType::int64, {}};
  const Labels polluted = {{"bad name-1", "x"}, {"bad_name_1", "y"}, {"pipeline", "caf\xE9"}};
  const Metric metric{&descriptor, {{polluted, "ma\xFFge", {}, std::int64_t{1}}}};
  EXPECT_EQ(
      prometheus_text({{}, {metric}}),
      "# HELP walpulse_a A.\n# TYPE walpulse_a gauge\n"
      "walpulse_a{source=\"ma\xEF\xBF\xBDge\",bad_name_1=\"x\",pipeline=\"caf\xEF\xBF\xBD\"} 1\n");
}

}  // namespace
}  // namespace walpulse::telemetry
