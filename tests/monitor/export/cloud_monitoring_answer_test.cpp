#include "monitor/export/cloud_monitoring_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kNotWritten = "One or more TimeSeries could not be written: ";
constexpr const char* kTooFrequent =
    "One or more points were written more frequently than the maximum sampling period configured "
    "for the metric.";
constexpr const char* kOlderEnd =
    "Points must be written in order. One or more of the points specified had an older end time "
    "than the most recent point.";
constexpr const char* kOlderStart =
    "Points must be written in order. One or more of the points specified had an older start time "
    "than the most recent point.";

/// An answer as the service gives it; no summary where `total` is 0.
http::Response refusal(const std::string& message, int total = 0, int success = 0,
                       const std::string& first_error = "") {
  nlohmann::json error = {{"code", 400}, {"message", message}, {"status", "INVALID_ARGUMENT"}};
  if (total > 0) {
    nlohmann::json summary = {
        {"@type", "type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary"},
        {"totalPointCount", total},
        {"errors",
         {{{"status", {{"code", 3}, {"message", first_error}}}, {"pointCount", total - success}}}}};
    if (success > 0) summary["successPointCount"] = success;
    error["details"] = nlohmann::json::array({summary});
  }
  return {400, nlohmann::json{{"error", error}}.dump(), {}};
}

TEST(WriteAnswer, AnEmptyOkWroteEverything) {
  const auto answer = read_write_answer({200, "{}", {}}, 3);
  EXPECT_THAT(answer.results, ElementsAre("", "", ""));
  EXPECT_FALSE(answer.whole_call_refused);
}

TEST(WriteAnswer, NamesThePointsThatCameTooOften) {
  const auto answer = read_write_answer(
      refusal(std::string(kNotWritten) + kTooFrequent + ": timeSeries[0-1,3]", 5, 2), 5);
  EXPECT_THAT(answer.results, ElementsAre("too_frequent", "too_frequent", "", "too_frequent", ""));
  EXPECT_FALSE(answer.whole_call_refused);
}

TEST(WriteAnswer, TellsSeveralReasonsApart) {
  const auto answer =
      read_write_answer(refusal(std::string(kNotWritten) + kTooFrequent + ": timeSeries[0-1]; " +
                                    kOlderEnd + ": timeSeries[3]; " + kOlderStart +
                                    ": global{} timeSeries[4]: workload.googleapis.com/x{a:b; c}",
                                6, 2),
                        6);
  EXPECT_THAT(answer.results,
              ElementsAre("too_frequent", "too_frequent", "", "out_of_order", "older_start", ""));
}

TEST(WriteAnswer, ReadsTheFormThatNamesThePointsFirst) {
  const auto answer = read_write_answer(
      refusal(
          std::string(kNotWritten) +
              "timeSeries[1] (metric.type=\"custom.googleapis.com/x\", metric.labels={}): write "
              "for resource=generic_task{} failed with: One or more points were written more "
              "frequently than the maximum sampling period configured for the metric. {Metric: "
              "x, Timestamps: {Youngest Existing: '2025/11/20-14:00:00', New: "
              "'2025/11/20-14:00:01'}}; timeSeries[2]: failed with: " +
              kOlderEnd,
          3, 1),
      3);
  EXPECT_THAT(answer.results, ElementsAre("", "too_frequent", "out_of_order"));
}

TEST(WriteAnswer, BelievesTheMessageWhereThereIsNoSummary) {
  const auto answer =
      read_write_answer(refusal(std::string(kNotWritten) + kOlderEnd + ": timeSeries[1]"), 2);
  EXPECT_THAT(answer.results, ElementsAre("", "out_of_order"));
  EXPECT_FALSE(answer.whole_call_refused);
}

TEST(WriteAnswer, CountsAsUnwrittenWhatTheSummaryCannotTellApart) {
  const auto answer =
      read_write_answer(refusal("One or more TimeSeries could not be written", 3, 1, kOlderEnd), 3);
  EXPECT_THAT(answer.results, Each("out_of_order"));
}

TEST(WriteAnswer, ReadsAFieldErrorAsARefusalOfTheWholeCall) {
  const auto duplicate = read_write_answer(
      refusal("Field timeSeries[2] had an invalid value: Duplicate TimeSeries encountered. Only "
              "one point can be written per TimeSeries per request."),
      4);
  EXPECT_THAT(duplicate.results, ElementsAre("", "", "duplicate", ""));
  EXPECT_TRUE(duplicate.whole_call_refused);
  const auto old = read_write_answer(
      refusal("Field timeSeries[1].points[0].interval.end_time had an invalid value of "
              "\"2025-11-17T20:05:37Z\": Data points cannot be written more than approximately 24 "
              "hours in the past, specifically no more than 25h10s in the past. Your data point is "
              "73h59m25s before the present time, which is too far in the past."),
      2);
  EXPECT_THAT(old.results, ElementsAre("", "too_old"));
  EXPECT_TRUE(old.whole_call_refused);
}

TEST(WriteAnswer, BlamesEveryPointWhereTheServiceNamesNone) {
  const auto resource = read_write_answer(
      refusal("Metrics cannot be written to cloud_run_revision. See "
              "https://cloud.google.com/monitoring/custom-metrics/creating-metrics#which-resource "
              "for a list of writable resource types."),
      2);
  EXPECT_THAT(resource.results, Each("resource"));
  EXPECT_TRUE(resource.whole_call_refused);
  EXPECT_THAT(read_write_answer(refusal("The set of resource labels is incomplete. Missing labels: "
                                        "(namespace task_id)."),
                                1)
                  .results,
              Each("resource"));
}

TEST(WriteAnswer, TellsOutagesFromDenials) {
  const http::Response internal{
      500,
      R"({"error":{"code":500,"message":"Internal error encountered. Please retry after a few )"
      R"(seconds. If internal errors persist, contact support","status":"INTERNAL"}})",
      {}};
  EXPECT_THAT(read_write_answer(internal, 2).results, Each("unavailable"));
  EXPECT_THAT(read_write_answer({503, "<html>", {}}, 2).results, Each("unavailable"));
  EXPECT_THAT(read_write_answer({429, "", {}}, 2).results, Each("unavailable"));
  EXPECT_THAT(read_write_answer({403, "{}", {}}, 2).results, Each("denied"));
  EXPECT_FALSE(read_write_answer({403, "{}", {}}, 2).whole_call_refused);
}

TEST(WriteAnswer, ReadsInternalErrorsOfSinglePoints) {
  const auto answer = read_write_answer(
      refusal(std::string(kNotWritten) + "Internal error encountered. Please retry after a few "
                                         "seconds.: timeSeries[0]",
              2, 1),
      2);
  EXPECT_THAT(answer.results, ElementsAre("internal", ""));
}

TEST(WriteAnswer, SurvivesGarbage) {
  for (const std::string body :
       {"", "{", "[]", "{\"error\":7}", "{\"error\":{\"message\":\"timeSeries[\"}}",
        "{\"error\":{\"message\":\"timeSeries[9999999999999999999999-0]\"}}",
        "{\"error\":{\"message\":\"timeSeries[0-18446744073709551615]\"}}",
        "{\"error\":{\"details\":[7,{\"@type\":7}]}}"}) {
    EXPECT_EQ(read_write_answer({400, body, {}}, 2).results.size(), 2u) << body;
  }
  EXPECT_THAT(read_write_answer({400, "", {}}, 0).results, IsEmpty());
}

}  // namespace
}  // namespace walpulse::monitor
