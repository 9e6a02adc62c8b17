#include "monitor/notify/run_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

const std::string kTable = "mage/public.pipeline_run";

Happening failed_run() {
  Happening failed;
  failed.run = 812;
  failed.status = "FAILED";
  failed.nth = 2;
  failed.at = Timestamp(std::chrono::seconds(1'763'676'332));
  failed.pipeline = "daily sales/eu";
  failed.made_by = "manual";
  failed.labels = {{"partner", "ac\"me"}};
  failed.seconds = 12.5;
  return failed;
}

AlertLine line_of(const Happening& happening, const std::string& mage_url = "") {
  return run_line(happening, kTable, mage_url).value_or(AlertLine{"none", "", "", ""});
}

nlohmann::json fields(const AlertLine& line) {
  return nlohmann::json::parse("{" + line.fields + "}");
}

TEST(RunLog, NamesTheFailedRun) {
  const AlertLine line = line_of(failed_run(), "https://mage.example.com/");
  EXPECT_STREQ(line.severity, "ERROR");
  EXPECT_EQ(line.message, "pipeline run failed run_id=812 pipeline=daily sales/eu");
  EXPECT_EQ(fields(line), nlohmann::json::parse(R"({
    "event": "pipeline_run_failed", "source": "mage/public.pipeline_run",
    "at": "2025-11-20T22:05:32.000000Z", "run_id": 812, "pipeline": "daily sales/eu",
    "labels": {"pipeline": "daily sales/eu", "trigger": "manual", "partner": "ac\"me"}, "nth": 2,
    "duration_s": 12.5, "link": "https://mage.example.com/pipelines/daily%20sales%2Feu/runs/812"})"));
  EXPECT_EQ(line.group, "pipeline_run_failed daily sales/eu");
}

TEST(RunLog, NamesTheBlockThatFailedAndItsErrorWhereTheyAreKnown) {
  Happening failed = failed_run();
  EXPECT_FALSE(fields(line_of(failed)).contains("block"));
  failed.block = "load_orders";
  const AlertLine without_error = line_of(failed);
  EXPECT_EQ(without_error.message,
            "pipeline run failed run_id=812 pipeline=daily sales/eu block=load_orders");
  EXPECT_EQ(fields(without_error)["block"], "load_orders");
  EXPECT_FALSE(fields(without_error).contains("error"));
  failed.error = "no column vat\xff";
  const AlertLine line = line_of(failed);
  EXPECT_EQ(line.message, without_error.message + " error=\"no column vat\xff\"");
  EXPECT_EQ(fields(line)["error"], "no column vat\xEF\xBF\xBD");
}

TEST(RunLog, WarnsOfAMissedSlaAndOfARunThatIsAbandoned) {
  for (const char* status : {"SLA_MISSED", "ORPHANED"}) {
    Happening happening = failed_run();
    happening.status = status;
    EXPECT_STREQ(line_of(happening).severity, "WARNING") << status;
  }
}

TEST(RunLog, SaysNothingOfARunThatEndedOtherwise) {
  for (const char* status : {"COMPLETED", "CANCELLED"}) {
    Happening happening = failed_run();
    happening.status = status;
    EXPECT_FALSE(run_line(happening, kTable, "")) << status;
  }
}

TEST(RunLog, LeavesOutWhatIsUnknown) {
  Happening failed = failed_run();
  failed.seconds.reset();
  failed.made_by.clear();
  const auto without = fields(line_of(failed));
  EXPECT_FALSE(without.contains("duration_s"));
  EXPECT_FALSE(without.contains("link"));
  EXPECT_FALSE(without["labels"].contains("trigger"));
}

TEST(RunLog, SurvivesLabelsThatAreNotUtf8) {
  Happening failed = failed_run();
  failed.pipeline = "a\xff";
  EXPECT_EQ(fields(line_of(failed))["pipeline"], "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace walpulse::monitor
