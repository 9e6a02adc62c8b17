#include "monitor/command/doctor_checks.h"
#include "publisher/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

ServeOptions options() {
  ServeOptions options;
  options.ledger = "postgresql://walpulse:hunter2@10.0.0.6/mage";
  return options;
}

std::string text_of(const PostgresFacts& facts) {
  return doctor::text(check_postgres(facts, options()));
}
bool fails(const PostgresFacts& facts) {
  return doctor::exit_code(check_postgres(facts, options())) != 0;
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
      AllOf(HasSubstr("1 warning,"),
            HasSubstr("REVOKE CREATE ON SCHEMA \"walpulse_ledger\" FROM PUBLIC, \"my app\";")));
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
  EXPECT_THAT(text_of(facts), HasSubstr("fix: SET default_transaction_read_only = off; ALTER ROLE "
                                        "\"walpulse\" IN DATABASE \"mage\" SET "
                                        "default_transaction_read_only = off;\n"));
  facts.in_recovery = true;
  EXPECT_THAT(text_of(facts), HasSubstr("fix: walpulse-monitor doctor --ledger 'host=PRIMARY "
                                        "dbname=mage user=walpulse'\n"));
}

TEST(Doctor, TellsOfATableThatItMayNotReadOnce) {
  PostgresFacts facts = good();
  facts.denied_tables = {"run"};
  EXPECT_THAT(text_of(facts), AllOf(HasSubstr("1 failed"), Not(HasSubstr("see "))));
}

TEST(Doctor, AForeignSchemaIsLeftToOthers) {
  PostgresFacts facts = good();
  facts.strange_tables = {"users"};
  EXPECT_THAT(text_of(facts), HasSubstr("--ledger-schema walpulse_ledger_2\n"));
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
      AllOf(HasSubstr("fix: DROP PUBLICATION \"everything\";\n      as: its owner\n      or: "
                      "walpulse-monitor doctor --ledger 'host=10.0.0.6 dbname=walpulse "
                      "user=walpulse' --print-sql > ledger-role.sql && psql 'host=10.0.0.6 "
                      "dbname=postgres user=postgres' -f ledger-role.sql\n"),
            HasSubstr("ALTER PUBLICATION \"by_schema\" DROP TABLES IN SCHEMA \"walpulse_ledger\""),
            HasSubstr("ALTER PUBLICATION \"by_name\" DROP TABLE \"walpulse_ledger\".\"run\", "
                      "\"walpulse_ledger\".\"series\"")));
}

TEST(Doctor, TellsAServerThatIsAwayFromOneThatRefuses) {
  const auto refused = [](database::Answer answer) {
    return doctor::text(check_postgres(fail(ErrorKind::unavailable, "refused"), options(), answer));
  };
  EXPECT_THAT(refused(database::Answer::none),
              AllOf(HasSubstr("FAIL  server"), HasSubstr("refused; nobody answers there"),
                    HasSubstr("--ledger 'host=HOST dbname=mage user=walpulse'\n")));
  EXPECT_THAT(refused(database::Answer::server),
              AllOf(HasSubstr("10.0.0.6:5432:mage:walpulse:PASSWORD"),
                    HasSubstr("--print-sql > ledger-role.sql && psql"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refused(database::Answer::nobody), Not(HasSubstr("fix:")));
}

TEST(Doctor, SaysThatAFilesFolderIsMissing) {
  const auto checks = check_file("/does/not/exist/ledger.db");
  EXPECT_EQ(doctor::exit_code(checks), 1);
  EXPECT_THAT(doctor::text(checks), HasSubstr("mkdir -p /does/not/exist"));
  EXPECT_EQ(doctor::exit_code(check_file(testing::TempDir() + "/ledger.db")), 0);
}

TEST(Doctor, SaysWhereTheServerIsBehindAPoolerThatSharesSessions) {
  const auto of = [](const ServerPlace& place) {
    return doctor::text({check_sessions(place, options())});
  };
  EXPECT_THAT(of({"10.0.0.9", 5431}),
              AllOf(HasSubstr("FAIL  sessions"), HasSubstr("host=10.0.0.9 port=5431 dbname=mage"),
                    Not(HasSubstr("hunter2"))));
  EXPECT_THAT(of({"fd00::9", 5432}), HasSubstr("host=fd00::9 port=5432"));
  EXPECT_THAT(of({}), HasSubstr("host=HOST port=5432"));
}

}  // namespace
}  // namespace walpulse::monitor
