#include "monitor/export/cloud_monitoring_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

namespace walpulse::monitor {
namespace {

using Kind = telemetry::Descriptor::Kind;
using ValueType = telemetry::Descriptor::ValueType;
using nlohmann::json;

const telemetry::Descriptor kCounter{"pipeline_run/finished_count",
                                     "Runs finished",
                                     "Runs that ended.",
                                     "1",
                                     Kind::cumulative,
                                     ValueType::int64,
                                     {"pipeline", "status"}};
const telemetry::Descriptor kAge{"flow/heartbeat_age", "Age", "Age.", "s", Kind::gauge,
                                 ValueType::double_,   {}};
const telemetry::Descriptor kDuration{
    "pipeline_run/duration", "Duration",  "Duration.", "s", Kind::cumulative,
    ValueType::distribution, {"pipeline"}};

const Timestamp kStart{std::chrono::seconds(1'763'676'000)};
const Timestamp kEnd{std::chrono::seconds(1'763'676'060)};
const MonitoringTarget kTarget{"my-project", "europe-west1", "custom.googleapis.com/walpulse"};

json series(const telemetry::Descriptor& descriptor, telemetry::Point point, Timestamp end = kEnd) {
  Export exported;
  exported.end = end;
  exported.points.push_back({1, &descriptor, std::move(point)});
  const std::vector<std::size_t> which = {0};
  return json::parse(time_series_body(exported, which, kTarget))["timeSeries"][0];
}

TEST(TimeSeriesBody, WritesACounterWithItsStart) {
  EXPECT_EQ(
      series(kCounter,
             {{{"pipeline", "daily"}, {"status", "FAILED"}}, "mage", kStart, std::int64_t{7}}),
      json::parse(R"({
    "metric": {"type": "custom.googleapis.com/walpulse/pipeline_run/finished_count",
               "labels": {"pipeline": "daily", "status": "FAILED"}},
    "resource": {"type": "generic_task",
                 "labels": {"project_id": "my-project", "location": "europe-west1",
                            "namespace": "mage", "job": "walpulse", "task_id": "ledger"}},
    "metricKind": "CUMULATIVE", "valueType": "INT64", "unit": "1",
    "points": [{"interval": {"startTime": "2025-11-20T22:00:00.000000Z",
                             "endTime": "2025-11-20T22:01:00.000000Z"},
                "value": {"int64Value": "7"}}]})"));
}

TEST(TimeSeriesBody, WritesAGaugeAtAnInstant) {
  const json written = series(kAge, {{}, "mage", kStart, 1.5});
  EXPECT_EQ(written["metricKind"], "GAUGE");
  EXPECT_EQ(written["valueType"], "DOUBLE");
  EXPECT_EQ(written["points"], json::parse(R"([{"interval":
    {"endTime": "2025-11-20T22:01:00.000000Z"}, "value": {"doubleValue": 1.5}}])"));
}

TEST(TimeSeriesBody, WritesADistributionWithItsBounds) {
  const json written =
      series(kDuration, {{}, "mage", kStart, telemetry::Distribution{{1, 10}, {1, 0, 2}, 45}});
  EXPECT_EQ(written["valueType"], "DISTRIBUTION");
  EXPECT_EQ(written["unit"], "s");
  EXPECT_EQ(written["points"][0]["value"], json::parse(R"({"distributionValue": {
    "count": "3", "mean": 15.0, "bucketOptions": {"explicitBuckets": {"bounds": [1.0, 10.0]}},
    "bucketCounts": ["1", "0", "2"]}})"));
}

TEST(TimeSeriesBody, GivesAnEmptyDistributionNoMean) {
  const json written =
      series(kDuration, {{}, "mage", kStart, telemetry::Distribution{{1}, {0, 0}, 0}});
  EXPECT_EQ(written["points"][0]["value"]["distributionValue"]["mean"], 0);
}

TEST(TimeSeriesBody, NeverSpansNoTime) {
  const json written = series(kCounter, {{}, "mage", kEnd, std::int64_t{1}});
  EXPECT_EQ(written["points"][0]["interval"]["startTime"], "2025-11-20T22:00:59.999000Z");
}

TEST(TimeSeriesBody, KeepsLabelsWithinTheServicesRules) {
  const json written =
      series(kCounter, {{{"9-Partner.Name", std::string(2000, 'x')}, {"a", "\xff"}},
                        "mage",
                        kStart,
                        std::int64_t{1}});
  const json labels = written["metric"]["labels"];
  EXPECT_EQ(labels["_9_Partner_Name"].get<std::string>().size(), 1024u);
  EXPECT_EQ(labels["a"], "\xEF\xBF\xBD");
}

TEST(TimeSeriesBody, IsTheSameWhoeverWritesIt) {
  const telemetry::Point point{{}, "mage", kStart, std::int64_t{1}};
  EXPECT_EQ(series(kCounter, point).dump(), series(kCounter, point).dump());
}

TEST(TimeSeriesCalls, HoldAtMost200PointsEachAndEveryOneOnce) {
  Export exported;
  exported.end = kEnd;
  exported.points.resize(401);
  const auto calls = time_series_calls(exported);
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[0].size(), 200u);
  EXPECT_EQ(calls[2], std::vector<std::size_t>{400});
  EXPECT_TRUE(time_series_calls({}).empty());
}

TEST(DescriptorBody, SaysWhatThePointsWillBe) {
  EXPECT_EQ(json::parse(descriptor_body(kCounter, kTarget)), json::parse(R"({
    "type": "custom.googleapis.com/walpulse/pipeline_run/finished_count",
    "metricKind": "CUMULATIVE", "valueType": "INT64", "unit": "1",
    "displayName": "Runs finished", "description": "Runs that ended.",
    "labels": [{"key": "pipeline", "valueType": "STRING",
                "description": "The pipeline's uuid in Mage."},
               {"key": "status", "valueType": "STRING",
                "description": "The run's status in Mage."}]})"));
}

}  // namespace
}  // namespace walpulse::monitor
