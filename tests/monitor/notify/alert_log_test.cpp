#include "monitor/notify/alert_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

using Kind = SourceAlert::Kind;

SourceAlert alert(Kind kind) {
  return {kind, "mage/public.pipeline_run", Timestamp(std::chrono::seconds(1'763'676'332)), "", 0};
}

nlohmann::json fields(const AlertLine& line) {
  return nlohmann::json::parse("{" + line.fields + "}");
}

TEST(AlertLog, NamesTheSourceOfAConflictAndTheRemedy) {
  const AlertLine line = alert_line(alert(Kind::conflict));
  EXPECT_STREQ(line.severity, "ERROR");
  EXPECT_NE(line.message.find("walpulse-connector recover"), std::string::npos);
  EXPECT_NE(line.message.find("source=mage/public.pipeline_run"), std::string::npos);
  EXPECT_EQ(fields(line), nlohmann::json::parse(R"({"event": "conflict",
    "source": "mage/public.pipeline_run", "at": "2025-11-20T22:05:32.000000Z"})"));
}

TEST(AlertLog, NamesTheEpochThatWasRefused) {
  SourceAlert taken = alert(Kind::name_taken);
  taken.epoch = 7;
  const AlertLine line = alert_line(taken);
  EXPECT_NE(line.message.find("epoch=7"), std::string::npos);
  EXPECT_EQ(fields(line)["epoch"], 7);
}

TEST(AlertLog, IsGroupedByWhatHappenedAndWhere) {
  EXPECT_EQ(alert_line(alert(Kind::conflict)).group, "conflict mage/public.pipeline_run");
  EXPECT_EQ(alert_line(alert(Kind::late_event)).group, "late_event mage/public.pipeline_run");
}

TEST(AlertLog, ALateEventIsAWarning) {
  EXPECT_STREQ(alert_line(alert(Kind::late_event)).severity, "WARNING");
}

}  // namespace
}  // namespace walpulse::monitor
