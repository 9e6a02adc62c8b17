#include "monitor/notify/alert_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

RunAlert failed_run() {
  RunAlert alert;
  alert.source = "mage/public.pipeline_run";
  alert.run_id = 812;
  alert.labels = {{"pipeline", "daily sales/eu"}, {"trigger", "manual"}, {"partner", "ac\"me"}};
  alert.duration_seconds = 12.5;
  alert.at = Timestamp(std::chrono::seconds(1'763'676'332));
  return alert;
}

nlohmann::json fields(const AlertLine& line) {
  return nlohmann::json::parse("{" + line.fields + "}");
}

TEST(AlertLog, NamesTheFailedRun) {
  const AlertLine line = alert_line(failed_run(), "https://mage.example.com/");
  EXPECT_STREQ(line.severity, "ERROR");
  EXPECT_EQ(line.message, "pipeline run failed run_id=812 pipeline=daily sales/eu");
  EXPECT_EQ(fields(line), nlohmann::json::parse(R"({
    "event": "pipeline_run_failed", "source": "mage/public.pipeline_run",
    "at": "2025-11-20T22:05:32.000000Z", "run_id": 812, "pipeline": "daily sales/eu",
    "labels": {"pipeline": "daily sales/eu", "trigger": "manual", "partner": "ac\"me"},
    "duration_s": 12.5, "link": "https://mage.example.com/pipelines/daily%20sales%2Feu/runs/812"})"));
}

TEST(AlertLog, NamesTheBlockThatFailedAndItsErrorWhereTheyAreKnown) {
  RunAlert alert = failed_run();
  EXPECT_FALSE(fields(alert_line(alert, "")).contains("block"));
  alert.block = "load_orders";
  const AlertLine without_error = alert_line(alert, "");
  EXPECT_EQ(without_error.message,
            "pipeline run failed run_id=812 pipeline=daily sales/eu block=load_orders");
  EXPECT_EQ(fields(without_error)["block"], "load_orders");
  EXPECT_FALSE(fields(without_error).contains("error"));
  alert.error = "no column vat\xff";
  const AlertLine line = alert_line(alert, "");
  EXPECT_EQ(line.message, without_error.message + " error=\"no column vat\xff\"");
  EXPECT_EQ(fields(line)["error"], "no column vat\xEF\xBF\xBD");
  EXPECT_EQ(line.group, "pipeline_run_failed daily sales/eu");
}

TEST(AlertLog, IsGroupedByWhatHappenedAndWhere) {
  EXPECT_EQ(alert_line(failed_run(), "").group, "pipeline_run_failed daily sales/eu");
  RunAlert alert = failed_run();
  alert.kind = RunAlert::Kind::conflict;
  EXPECT_EQ(alert_line(alert, "").group, "conflict mage/public.pipeline_run");
}

TEST(AlertLog, WarnsOfAMissedSla) {
  RunAlert alert = failed_run();
  alert.kind = RunAlert::Kind::sla_missed;
  EXPECT_STREQ(alert_line(alert, "").severity, "WARNING");
}

TEST(AlertLog, LeavesOutWhatIsUnknown) {
  RunAlert alert = failed_run();
  alert.duration_seconds = -1;
  const auto without = fields(alert_line(alert, ""));
  EXPECT_FALSE(without.contains("duration_s"));
  EXPECT_FALSE(without.contains("link"));
}

TEST(AlertLog, NamesTheSourceOfAConflictAndTheRemedy) {
  RunAlert alert = failed_run();
  alert.kind = RunAlert::Kind::conflict;
  const AlertLine line = alert_line(alert, "https://mage.example.com");
  EXPECT_STREQ(line.severity, "ERROR");
  EXPECT_NE(line.message.find("walpulse-connector recover"), std::string::npos);
  EXPECT_NE(line.message.find("source=mage/public.pipeline_run"), std::string::npos);
  EXPECT_FALSE(fields(line).contains("run_id"));
}

TEST(AlertLog, SurvivesLabelsThatAreNotUtf8) {
  RunAlert alert = failed_run();
  alert.labels["pipeline"] = "a\xff";
  EXPECT_EQ(fields(alert_line(alert, ""))["pipeline"], "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace walpulse::monitor
