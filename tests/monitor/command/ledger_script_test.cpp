#include "monitor/command/ledger_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden_file.h"

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;
using testing::Not;

ServeOptions with(const std::string& ledger) {
  ServeOptions options;
  options.ledger = ledger;
  return options;
}

TEST(LedgerScript, IsTheFileThatTheGuideLinksTo) {
  expect_file("../deploy/sql/ledger-role.sql",
              ledger_script(with("host=10.0.0.6 dbname=walpulse user=walpulse_monitor")));
}

TEST(LedgerScript, NamesRoleAndDatabaseOfTheConnection) {
  const auto script = ledger_script(with("postgresql://o'brien:hunter2@h:6432/my-mage"));
  EXPECT_THAT(script, HasSubstr("'o''brien' AS walpulse_role"));
  EXPECT_THAT(script, HasSubstr("format('CREATE DATABASE %I', 'my-mage')"));
  EXPECT_THAT(script, HasSubstr("h:6432:my-mage:o'brien:PASSWORD"));
  EXPECT_THAT(script, Not(HasSubstr("hunter2")));
}

TEST(LedgerScript, HasNamesWhereNobodyGaveAny) {
  for (const char* ledger : {"", "memory", "sqlite:/x", "host=h"}) {
    const auto script = ledger_script(with(ledger));
    EXPECT_THAT(script, HasSubstr("'walpulse_monitor' AS walpulse_role")) << ledger;
    EXPECT_THAT(script, HasSubstr("format('CREATE DATABASE %I', 'walpulse')")) << ledger;
  }
}

TEST(LedgerScript, KeepsTheOptionsInForceInTheCommandsThatItNames) {
  ServeOptions options = with("host=h dbname=d user=m@p.iam");
  options.cloud_sql_iam = true;
  options.ledger_schema = "other";
  EXPECT_THAT(ledger_script_command(options, ""),
              HasSubstr("walpulse-monitor doctor --ledger-schema other --ledger 'host=h dbname=d "
                        "user=m@p.iam' --cloud-sql-iam --print-sql > "));
  const auto script = ledger_script(options);
  EXPECT_THAT(script, HasSubstr("-- 1. The role. It logs in by token"));
  EXPECT_THAT(script, Not(HasSubstr("asks ")));
  EXPECT_THAT(script, Not(HasSubstr("pgpass")));
  EXPECT_THAT(script, HasSubstr("walpulse-monitor doctor --ledger-schema other --ledger ''host=h "
                                "dbname=d user=m@p.iam'' --cloud-sql-iam'"));
}

}  // namespace
}  // namespace walpulse::monitor
