#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "monitor/api/api_json.h"

namespace walpulse::monitor::api {
namespace {

/// As Mage 0.9.80 writes them: its list of runs pushes "/pipelines/UUID/logs?pipeline_run_id[]=ID"
/// (frontend_dist/_next/static/chunks/7966-a5a7db345ce81263.js), and its page of logs reads the
/// query by URLSearchParams, which decodes names. The others are its routes' files: below
/// pages/pipelines/[pipeline] there are logs, runs/[run] and triggers/[...slug].
TEST(Links, AreThoseOfMagesOwnPage) {
  const Links links("https://mage.example.com/");
  const std::string pipelines = "https://mage.example.com/pipelines/";
  EXPECT_EQ(links.mage_pipeline("daily"), pipelines + "daily");
  EXPECT_EQ(links.mage_run("daily", 812), pipelines + "daily/runs/812");
  EXPECT_EQ(links.mage_logs("daily", 812), pipelines + "daily/logs?pipeline_run_id%5B%5D=812");
  EXPECT_EQ(links.mage_trigger("daily", 7), pipelines + "daily/triggers/7");
}

TEST(Links, KeepAHostileNameWithinItsPart) {
  const Links links("https://mage.example.com");
  EXPECT_EQ(links.mage_logs("a/../b?c#d\"<", 1),
            "https://mage.example.com/pipelines/a%2F..%2Fb%3Fc%23d%22%3C/logs?"
            "pipeline_run_id%5B%5D=1");
}

TEST(Links, ThereAreNoneWithoutMagesAddress) {
  EXPECT_TRUE(Links("").mage_logs("daily", 812).is_null());
  EXPECT_TRUE(Links("").mage_run("daily", 812).is_null());
}

}  // namespace
}  // namespace walpulse::monitor::api
