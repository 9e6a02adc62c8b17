#include "monitor/command/doctor_checks.h"
#include "publisher/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::HasSubstr;

PostgresFacts good() {
  PostgresFacts facts;
  facts.server_version = 150014;
  facts.server = "15.14";
  facts.database = "mage";
  facts.role = "walpulse";
  facts.schema_exists = facts.may_create_tables = true;
  facts.version = facts.known_version = 1;
  return facts;
}

std::string text_of(const PostgresFacts& facts) {
  return doctor::text(check_postgres(facts, "walpulse_ledger"));
}
bool fails(const PostgresFacts& facts) {
  return doctor::exit_code(check_postgres(facts, "walpulse_ledger")) != 0;
}

TEST(Doctor, IsContentWithALedgerThatIsThere) {
  EXPECT_FALSE(fails(good()));
  EXPECT_THAT(text_of(good()), AllOf(HasSubstr("PostgreSQL 15.14, database mage, role walpulse"),
                                     HasSubstr("0 failed, 0 warnings, 5 ok")));
}

TEST(Doctor, IsContentWithALedgerThatIsToBeMade) {
  PostgresFacts facts = good();
  facts.schema_exists = facts.may_create_tables = false;
  facts.may_create_schema = true;
  facts.version = 0;
  EXPECT_FALSE(fails(facts));
  EXPECT_THAT(text_of(facts), HasSubstr("none yet"));
}

TEST(Doctor, NamesTheSchemaToMake) {
  PostgresFacts facts = good();
  facts.schema_exists = facts.may_create_tables = false;
  facts.version = 0;
  EXPECT_TRUE(fails(facts));
  EXPECT_THAT(text_of(facts),
              HasSubstr("CREATE SCHEMA \"walpulse_ledger\" AUTHORIZATION \"walpulse\""));
}

TEST(Doctor, NamesTheTablesToGrant) {
  PostgresFacts facts = good();
  facts.denied_tables = {"run", "series"};
  EXPECT_TRUE(fails(facts));
  EXPECT_THAT(text_of(facts), AllOf(HasSubstr("run, series"),
                                    HasSubstr("ON ALL TABLES IN SCHEMA \"walpulse_ledger\"")));
}

TEST(Doctor, WarnsOfOthersWhoMayCreateInTheLedgersSchema) {
  PostgresFacts facts = good();
  facts.other_makers = {"PUBLIC", "my app"};
  EXPECT_FALSE(fails(facts));
  EXPECT_THAT(
      text_of(facts),
      AllOf(HasSubstr("1 warning"),
            HasSubstr("REVOKE CREATE ON SCHEMA \"walpulse_ledger\" FROM PUBLIC, \"my app\"")));
}

TEST(Doctor, RefusesTheLedgerOfANewerVersion) {
  PostgresFacts facts = good();
  facts.version = 2;
  EXPECT_TRUE(fails(facts));
  EXPECT_THAT(text_of(facts), HasSubstr("version 2, this program knows 1"));
}

TEST(Doctor, RefusesAServerThatTakesNoWrites) {
  PostgresFacts facts = good();
  facts.read_only = true;
  EXPECT_TRUE(fails(facts));
}

TEST(Doctor, WarnsOfAServerThatForgets) {
  PostgresFacts facts = good();
  facts.fsync = false;
  EXPECT_FALSE(fails(facts));
  EXPECT_THAT(text_of(facts), HasSubstr("warn  server"));
}

TEST(Doctor, NamesHowToTakeTheLedgerOutOfEachSortOfPublication) {
  PostgresFacts facts = good();
  facts.publications = {{"everything", true, false, {}},
                        {"by_schema", false, true, {}},
                        {"by_name", false, false, {"run", "series"}}};
  EXPECT_TRUE(fails(facts));
  EXPECT_THAT(
      text_of(facts),
      AllOf(HasSubstr("keep the ledger in another database, or DROP PUBLICATION \"everything\""),
            HasSubstr("ALTER PUBLICATION \"by_schema\" DROP TABLES IN SCHEMA \"walpulse_ledger\""),
            HasSubstr("ALTER PUBLICATION \"by_name\" DROP TABLE \"walpulse_ledger\".\"run\", "
                      "\"walpulse_ledger\".\"series\"")));
}

TEST(Doctor, SaysThatTheServerCannotBeReached) {
  const auto checks = check_postgres(fail(ErrorKind::unavailable, "refused"), "s");
  EXPECT_EQ(doctor::exit_code(checks), 1);
  EXPECT_THAT(doctor::text(checks), AllOf(HasSubstr("FAIL  server"), HasSubstr("refused")));
}

TEST(Doctor, SaysThatAFilesFolderIsMissing) {
  const auto checks = check_file("/does/not/exist/ledger.db");
  EXPECT_EQ(doctor::exit_code(checks), 1);
  EXPECT_THAT(doctor::text(checks), HasSubstr("mkdir -p /does/not/exist"));
  EXPECT_EQ(doctor::exit_code(check_file(testing::TempDir() + "/ledger.db")), 0);
}

}  // namespace
}  // namespace walpulse::monitor
