#include "monitor/ledger/timeline/trigger_expectation.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse::monitor {
namespace {

Timestamp second(std::int64_t n) { return Timestamp(std::chrono::seconds(n)); }

Trigger with_settings(std::optional<std::string> settings) {
  mage::PipelineSchedule row;
  row.settings = std::move(settings);
  return expectation_of(row, {});
}

TEST(TriggerExpectation, IsWhatTheRowSays) {
  mage::PipelineSchedule row;
  row.schedule_type = "TIME";
  row.schedule_interval = "0 5 * * *";
  row.status = "ACTIVE";
  row.start_time = second(5);
  row.last_enabled_at = second(6);
  row.settings =
      R"({"timeout": 60, "create_initial_pipeline_run": true, "landing_time_enabled": true})";
  const Trigger trigger = expectation_of(row, second(7));
  EXPECT_EQ(trigger.schedule_type, "TIME");
  EXPECT_EQ(trigger.schedule_interval, "0 5 * * *");
  EXPECT_EQ(trigger.status, "ACTIVE");
  EXPECT_EQ(trigger.start_time, second(5));
  EXPECT_EQ(trigger.last_enabled_at, second(6));
  EXPECT_TRUE(trigger.create_initial_pipeline_run);
  EXPECT_TRUE(trigger.landing_time_enabled);
  EXPECT_EQ(trigger.known_since, second(7));
}

TEST(TriggerExpectation, OfAnEmptyRowIsNothing) {
  EXPECT_TRUE(same_expectation(expectation_of({}, {}), Trigger{}));
}

TEST(TriggerExpectation, SettingsAreTrueOrNot) {
  EXPECT_TRUE(with_settings(R"({"landing_time_enabled": true})").landing_time_enabled);
  EXPECT_FALSE(with_settings(R"({"landing_time_enabled": true})").create_initial_pipeline_run);
  for (const char* value : {"false", "null", "1", "\"true\"", "[true]", "{\"a\": true}"})
    EXPECT_FALSE(with_settings("{\"landing_time_enabled\": " + std::string(value) + "}")
                     .landing_time_enabled)
        << value;
}

TEST(TriggerExpectation, WhatIsNoObjectSetsNothing) {
  const std::string flag = "\"landing_time_enabled\": true";
  const std::vector<std::string> hostile = {"",
                                            "null",
                                            "true",
                                            "[{" + flag + "}]",
                                            "{" + flag,
                                            "{" + flag + "}}",
                                            "{\"\xff\": 1, " + flag + "}",
                                            std::string("{\0}", 3),
                                            std::string(60'000, '['),
                                            std::string(30'000, '[') + std::string(30'000, ']'),
                                            "{" + flag + std::string(kSettingsBytesMax, ' ') + "}"};
  for (const std::string& settings : hostile)
    EXPECT_FALSE(with_settings(settings).landing_time_enabled) << settings.substr(0, 40);
  std::string deep = "1";
  for (int i = 0; i < 5'000; ++i) deep = "{\"a\":" + deep + "}";
  EXPECT_TRUE(with_settings("{\"a\": " + deep + ", " + flag + "}").landing_time_enabled);
}

}  // namespace
}  // namespace walpulse::monitor
