#include "monitor/storage/postgres/postgres_inspection.h"

#include "monitor/storage/postgres/postgres_schema.h"
#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// In a database of its own: a publication FOR ALL TABLES concerns everyone else's.
class PostgresInspection : public ::testing::Test {
 protected:
  PostgresInspection() : name_("inspected_" + server().fresh_schema()) {
    server().execute("CREATE DATABASE " + name_);
  }
  static PrivatePostgres& server() { return PrivatePostgres::instance(); }
  PostgresTarget target(const std::string& user = "postgres") {
    return {server().dsn(user) + " dbname=" + name_, "walpulse_ledger"};
  }
  void make_ledger() { ASSERT_TRUE(open_postgres_storage(target(), kBirth)); }
  void execute(const std::string& sql) {
    PostgresDatabase database(target());
    database.connect();
    database.execute(sql);
    ASSERT_FALSE(database.error()) << database.error()->message;
  }
  PostgresFacts look(const std::string& user = "postgres") {
    auto facts = inspect_postgres(target(user));
    EXPECT_TRUE(facts) << facts.error().message;
    return facts ? *std::move(facts) : PostgresFacts{};
  }
  const std::string name_;
};

TEST_F(PostgresInspection, SeesThatThereIsNoLedgerYet) {
  const auto facts = look();
  EXPECT_EQ(facts.database, name_);
  EXPECT_EQ(facts.role, "postgres");
  EXPECT_FALSE(facts.schema_exists);
  EXPECT_TRUE(facts.may_create_schema);
  EXPECT_EQ(facts.version, 0);
  EXPECT_FALSE(facts.fsync);  // of a server for tests
}

TEST_F(PostgresInspection, SeesTheLedgerAndThatNothingCapturesIt) {
  make_ledger();
  execute("CREATE TABLE public.pipeline_run (id int PRIMARY KEY)");
  execute("CREATE PUBLICATION walpulse FOR TABLE public.pipeline_run");
  const auto facts = look();
  EXPECT_TRUE(facts.schema_exists);
  EXPECT_EQ(facts.version, postgres_schema_version());
  EXPECT_THAT(facts.publications, IsEmpty());
  EXPECT_THAT(facts.denied_tables, IsEmpty());
}

TEST_F(PostgresInspection, SeesWhoElseMayCreateInTheLedgersSchema) {
  make_ledger();
  EXPECT_THAT(look().other_makers, IsEmpty());
  execute("GRANT CREATE ON SCHEMA walpulse_ledger TO PUBLIC");
  EXPECT_THAT(look().other_makers, ElementsAre("PUBLIC"));
  execute("REVOKE CREATE ON SCHEMA walpulse_ledger FROM PUBLIC");
  execute("CREATE ROLE maker_" + name_ + "; GRANT CREATE ON SCHEMA walpulse_ledger TO maker_" +
          name_);
  EXPECT_THAT(look().other_makers, ElementsAre("maker_" + name_));
  execute(
      "GRANT USAGE ON SCHEMA walpulse_ledger TO PUBLIC; REVOKE CREATE ON SCHEMA "
      "walpulse_ledger FROM maker_" +
      name_);
  EXPECT_THAT(look().other_makers, IsEmpty());
}

TEST_F(PostgresInspection, SeesEachSortOfPublicationThatCapturesIt) {
  execute("CREATE PUBLICATION everything FOR ALL TABLES");
  ASSERT_EQ(look().publications.size(), 1u);  // before there is a ledger
  EXPECT_TRUE(look().publications[0].all_tables);
  make_ledger();
  execute("DROP PUBLICATION everything");
  execute("CREATE PUBLICATION by_name FOR TABLE walpulse_ledger.run, walpulse_ledger.series");
  ASSERT_EQ(look().publications.size(), 1u);
  EXPECT_THAT(look().publications[0].tables, ElementsAre("run", "series"));
  execute("DROP PUBLICATION by_name");
  if (look().server_version < 150000) return;  // has no publications of schemas
  execute("CREATE PUBLICATION by_schema FOR TABLES IN SCHEMA walpulse_ledger");
  ASSERT_EQ(look().publications.size(), 1u);
  EXPECT_TRUE(look().publications[0].whole_schema);
}

TEST_F(PostgresInspection, SeesWhatARoleMayNotDo) {
  const std::string role = name_ + "_role";
  execute("CREATE ROLE " + role + " LOGIN");
  EXPECT_FALSE(look(role).may_create_schema);
  make_ledger();
  execute("GRANT USAGE ON SCHEMA walpulse_ledger TO " + role);
  const auto facts = look(role);
  EXPECT_FALSE(facts.may_create_tables);
  EXPECT_THAT(facts.denied_tables, Contains("series"));
}

TEST_F(PostgresInspection, SeesThatTheSchemaHoldsSomethingElse) {
  execute("CREATE SCHEMA walpulse_ledger; CREATE TABLE walpulse_ledger.t (x int)");
  EXPECT_THAT(look().strange_tables, ElementsAre("t"));
}

}  // namespace
}  // namespace walpulse::monitor::testing
