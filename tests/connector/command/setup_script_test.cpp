#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/command/setup_plan.h"
#include "tests/golden_file.h"

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::seconds kTimeout{30};

GivenOptions given(const std::string& dsn = "host=10.0.0.5 dbname=mage user=walpulse") {
  GivenOptions given;
  given.source.dsn = dsn;
  return given;
}

TEST(SetupScript, IsTheFileThatTheGuideLinksTo) {
  expect_file("../deploy/sql/capture-role.sql", setup_script(given(), kTimeout));
}

TEST(SetupScript, MakesTheRoleBeforeWhateverNeedsIt) {
  const auto script = setup_script(given(), kTimeout);
  std::size_t last = 0;
  for (const char* step :
       {"RAISE EXCEPTION 'a gap", "\\password", "REPLICATION'", "GRANT SELECT", "ALTER SYSTEM",
        "CREATE PUBLICATION", "pg_create_logical_replication_slot", "COMMENT ON PUBLICATION"}) {
    const auto at = script.find(step, last);
    ASSERT_NE(at, std::string::npos) << step;
    last = at;
  }
}

TEST(SetupScript, HoldsNoPasswordThatTheConnectionHas) {
  for (const char* dsn : {"host=h password=hunter2 user=cap", "postgresql://cap:hunter2@h/mage"})
    EXPECT_THAT(setup_script(given(dsn), kTimeout), Not(HasSubstr("hunter2")));
}

TEST(SetupScript, NamesTheRoleOfTheConnectionAndWalpulseWithoutOne) {
  EXPECT_THAT(setup_script(given("user=o'brien"), kTimeout),
              HasSubstr("'o''brien' AS walpulse_role"));
  EXPECT_THAT(setup_script(given(""), kTimeout), HasSubstr("'walpulse' AS walpulse_role"));
  EXPECT_THAT(setup_script(given(""), kTimeout), HasSubstr("HOST:5432:DATABASE:walpulse:PASSWORD"));
}

TEST(SetupScript, ALineBreakInANameEndsNoComment) {
  const auto script = setup_script(given("user='a\nDROP TABLE b;'"), kTimeout);
  EXPECT_THAT(script, Not(HasSubstr("\nDROP TABLE b;\n")));
  EXPECT_THAT(script, HasSubstr("-- The role is a?DROP TABLE b;"));
}

TEST(SetupScript, WhoLogsInByTokenIsNotMadeBySql) {
  auto by_token = given("host=/cloudsql/p-1:eu:db user=sa@p-1.iam passfile=/run/token");
  by_token.cloud_sql_iam = true;
  const auto script = setup_script(by_token, kTimeout);
  EXPECT_THAT(script, Not(HasSubstr("CREATE ROLE")));
  EXPECT_THAT(script, HasSubstr("gcloud sql users create sa@p-1.iam --instance db --project p-1"));
  EXPECT_THAT(script, Not(HasSubstr("/run/token")));
}

}  // namespace
}  // namespace walpulse::connector
