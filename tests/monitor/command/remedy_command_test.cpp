#include "monitor/command/remedy_command.h"

#include <gtest/gtest.h>

#include "monitor/options/push_options.h"

namespace walpulse::monitor {
namespace {

TEST(MonitorRemedyCommand, RepeatsWhatIsInForceAndNoPassword) {
  ServeOptions options;
  EXPECT_EQ(doctor_command(options), "walpulse-monitor doctor");
  options.ledger = "host=h dbname='my mage' user=walpulse password=hunter2";
  options.exports = {"prometheus", "cloud-monitoring"};
  options.subscription = "projects/p/subscriptions/s";
  EXPECT_EQ(with_schema(options, "a b"),
            "walpulse-monitor doctor --ledger \"host=h dbname='my mage' user=walpulse\" "
            "--subscription projects/p/subscriptions/s --export prometheus --export "
            "cloud-monitoring --ledger-schema 'a b'");
  EXPECT_EQ(with_ledger(options, "memory").find("hunter2"), std::string::npos);
}

TEST(MonitorRemedyCommand, NamesTheRules) {
  ServeOptions options;
  options.rules_path = "/etc/my rules";
  EXPECT_EQ(doctor_command(options), "walpulse-monitor doctor --rules '/etc/my rules'");
}

TEST(MonitorRemedyCommand, ALoginByTokenIsRepeatedWithoutItsFile) {
  ServeOptions options;
  options.ledger = "host=h passfile=/run/token";
  options.cloud_sql_iam = true;
  EXPECT_EQ(with_ledger_at(options, "PRIMARY"),
            "walpulse-monitor doctor --ledger host=PRIMARY --cloud-sql-iam");
}

}  // namespace
}  // namespace walpulse::monitor
