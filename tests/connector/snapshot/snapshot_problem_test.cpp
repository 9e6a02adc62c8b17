#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/snapshot/snapshot_facts.h"

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;

SnapshotQuestions good() {
  SnapshotQuestions found;
  found.server.version_num = 150000;
  found.server.system_identifier = 7;
  found.identity.name = "mage";
  found.identity.epoch = 1763600000;
  found.identity.system_identifier = 7;
  found.identity.publication_xmin = Xid{9};
  found.captured = {{"public", "pipeline_run"}, Oid{16400}, Oid{16500}};
  found.identity.tables = {found.captured};
  found.role.name = "walpulse";
  found.role.replication = true;
  found.role.schema_usage = true;
  found.role.table_select = true;
  found.table.emplace();
  found.table->oid = Oid{16400};
  found.table->schema = "public";
  found.table->name = "pipeline_run";
  found.table->primary_key = {"id"};
  found.publication.tables = {
      {TableName{"public", "pipeline_run"}, std::nullopt, Oid{16500}, std::nullopt}};
  PublicationFacts publication;
  publication.inserts = publication.updates = publication.deletes = publication.truncates = true;
  publication.xmin = Xid{9};
  publication.comment = to_comment(found.identity);
  found.publication.publication = publication;
  return found;
}

Failure problem(const SnapshotQuestions& found) {
  const auto problem = snapshot_problem({}, found);
  EXPECT_TRUE(problem);
  return problem.value_or(Failure{});
}

TEST(SnapshotProblem, IsNoneWhereAllIsAsSetUp) {
  const auto none = snapshot_problem({}, good());
  EXPECT_FALSE(none) << none->message;
}

TEST(SnapshotProblem, RowsThatPoliciesHideWouldPassForRunsThatAreGone) {
  auto found = good();
  found.role.row_security = true;
  EXPECT_EQ(problem(found).verdict, Verdict::fatal);
  EXPECT_THAT(to_string(problem(found)), HasSubstr("ALTER ROLE \"walpulse\" WITH BYPASSRLS;"));
}

TEST(SnapshotProblem, AnotherClusterOrTableIsAGap) {
  auto found = good();
  found.server.system_identifier = 8;
  EXPECT_EQ(problem(found).verdict, Verdict::gap);
  found = good();
  found.publication.tables.front().namesake = Oid{16401};
  EXPECT_EQ(problem(found).verdict, Verdict::gap);
  found = good();
  found.publication.tables.front().called.reset();
  EXPECT_EQ(problem(found).verdict, Verdict::gap);
}

TEST(SnapshotProblem, ATableOfAnotherNameIsNoneAndItsGrantsNameIt) {
  auto found = good();
  found.table->name = "pr2";
  found.publication.tables.front().called = TableName{"public", "pr2"};
  EXPECT_FALSE(snapshot_problem({}, found));
  found.role.table_select = false;
  EXPECT_THAT(to_string(problem(found)), HasSubstr("GRANT SELECT ON \"public\".\"pr2\" TO"));
}

TEST(SnapshotProblem, AStandbyMakesSlotsFrom16On) {
  auto found = good();
  found.server.in_recovery = true;
  EXPECT_THAT(to_string(problem(found)), HasSubstr("on the primary"));
  found.server.version_num = 160000;
  EXPECT_FALSE(snapshot_problem({}, found));
}

TEST(SnapshotProblem, NamesTheGrantsThatAreMissing) {
  auto found = good();
  found.role.table_select = false;
  EXPECT_THAT(to_string(problem(found)),
              HasSubstr("GRANT SELECT ON \"public\".\"pipeline_run\" TO \"walpulse\";"));
  found.role.schema_usage = false;
  EXPECT_THAT(to_string(problem(found)), HasSubstr("GRANT USAGE ON SCHEMA \"public\""));
  found = good();
  found.role.replication = false;
  EXPECT_THAT(to_string(problem(found)), HasSubstr("WITH REPLICATION"));
}

TEST(SnapshotProblem, ThePrimaryKeyIsOneColumn) {
  auto found = good();
  found.table->primary_key.clear();
  EXPECT_THAT(to_string(problem(found)), HasSubstr("no primary key"));
  found.table->primary_key = {"a", "b"};
  EXPECT_THAT(to_string(problem(found)), HasSubstr("several columns"));
}

}  // namespace
}  // namespace walpulse::connector
