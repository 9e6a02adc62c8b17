#include <fstream>

#include "monitor/storage/ledger_factory.h"
#include "monitor/storage/sqlite/sqlite_database.h"
#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class SqliteLedger : public LedgerTest {};

TEST_P(SqliteLedger, IsAsItWasAfterARestart) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5), truncate(6)});
  const auto first = ledger().begin_export(at(100));
  ASSERT_TRUE(first);
  ASSERT_TRUE(ledger().finish_export(*first, std::vector<ExportResult>(first->points.size())));

  options.birth = at(1000);  // means nothing to a ledger that exists
  open();
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_THAT(apply({run.touch(5)}).outcomes, ::testing::ElementsAre(Outcome::unchanged));
  const auto second = ledger().begin_export(at(50));
  ASSERT_TRUE(second);
  EXPECT_GT(second->end, first->end);
  MageRun other(2, 30);
  apply({other.create(30), other.fail(40)});
  const auto third = ledger().begin_export(at(200));
  ASSERT_TRUE(third);
  for (const DuePoint& due : third->points) {
    if (due.descriptor->name == "pipeline_run/created_count") {
      EXPECT_EQ(due.point.start, kBirth);
    }
    if (due.descriptor->name == "pipeline_run/finished_count") {
      EXPECT_EQ(due.point.start, second->end);
    }
  }
}

TEST_P(SqliteLedger, StaysInConflictAfterARestart) {
  MageRun before(1, 1), after(2, 2000), next(3, 3000);
  before.row().lsn = after.row().lsn = 5000;
  apply({before.create(1), after.create(2000)});
  open();
  EXPECT_THAT(apply({next.create(3000)}).outcomes, ::testing::ElementsAre(Outcome::conflict));
  EXPECT_EQ(number("flow/gap_count", {{"reason", "conflict"}}), 1);
}

TEST_P(SqliteLedger, SaysThatAnotherProcessHoldsTheFile) {
  apply({});
  options.lock_wait = std::chrono::milliseconds(0);
  const auto second = open_sqlite_ledger(place_.file(), options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(second.error().message, ::testing::HasSubstr("another process holds the file"));
  EXPECT_THAT(second.error().remedy, ::testing::HasSubstr("stop it"));
}

TEST_P(SqliteLedger, RefusesAFileOfANewerVersion) {
  const auto path = place_.folder.path() / "newer.db";
  ASSERT_TRUE(open_sqlite_ledger(path, options));
  {
    auto database = SqliteDatabase::open(path, std::chrono::milliseconds(0));
    ASSERT_TRUE(database);
    (*database)->execute("PRAGMA user_version=99");
  }
  const auto newer = open_sqlite_ledger(path, options);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().kind, ErrorKind::rejected);
  EXPECT_THAT(newer.error().message, ::testing::HasSubstr("newer version"));
}

TEST_P(SqliteLedger, GoesOnFromAFileOfVersion1) {
  std::ifstream file(std::string(WALPULSE_TEST_DIR) + "/monitor/storage/golden/ledger_v1.sql");
  const std::string dump{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(dump.empty());
  {
    auto database = SqliteDatabase::open(place_.file(), std::chrono::milliseconds(0));
    ASSERT_TRUE(database);
    (*database)->execute(dump.c_str());
    ASSERT_FALSE((*database)->error()) << (*database)->error()->message;
  }
  EXPECT_EQ(created("daily"), 1);
  EXPECT_EQ(finished("COMPLETED", "daily"), 1);
  EXPECT_EQ(active("RUNNING", "hourly"), 1);
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_EQ(rejected()[0].message_id, "m-1");

  MageRun known(2, 20, "hourly");
  known.create(20);
  EXPECT_THAT(apply({known.run(22), known.complete(31)}).outcomes,
              ::testing::ElementsAre(Outcome::unchanged, Outcome::applied));
  EXPECT_EQ(finished("COMPLETED", "hourly"), 1);
  // What version 2 brought: nothing was forwarded yet, nothing is remembered.
  const auto storage = raw_storage();
  ASSERT_TRUE(storage->begin(Intent::read));
  EXPECT_EQ(storage->transaction().rejected().unforwarded(10).size(), 1u);
  EXPECT_EQ(storage->transaction().pins().value("project"), "");
  EXPECT_FALSE(storage->transaction().context().sources.at(0).floor);
  // Version 3: no snapshot was seen yet.
  EXPECT_TRUE(storage->transaction().context().sources.at(0).snapshot_ends.empty());
  // Version 4: the epochs that were known count, for each table of their source.
  for (const EpochRow& epoch : storage->transaction().context().epochs) {
    EXPECT_EQ(epoch.standing, Standing::accepted);
    EXPECT_EQ(epoch.table, "public.pipeline_run");
  }
  EXPECT_FALSE(storage->transaction().context().epochs.empty());
  // Version 10: it is known what the rejected take.
  const RejectedTotals kept_aside = storage->transaction().rejected().totals();
  EXPECT_EQ(kept_aside.count, 1);
  EXPECT_GT(kept_aside.bytes, kRejectedRowBytes);
  // Version 5: no trigger and no block was seen yet.
  EXPECT_TRUE(storage->transaction().table_rows().after({}, 10).empty());
  EXPECT_TRUE(storage->commit());
  EXPECT_TRUE(ledger().triggers()->empty());
}

TEST_P(SqliteLedger, RefusesAnotherProgramsFile) {
  const auto path = place_.folder.path() / "other.db";
  {
    auto database = SqliteDatabase::open(path, std::chrono::milliseconds(0));
    ASSERT_TRUE(database);
    (*database)->execute("CREATE TABLE t (x)");
  }
  const auto other = open_sqlite_ledger(path, options);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::rejected);
  EXPECT_EQ(other.error().remedy, "name another one");

  const auto text = place_.folder.path() / "notes.txt";
  std::ofstream(text) << std::string(5000, 'x');
  const auto garbage = open_sqlite_ledger(text, options);
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().kind, ErrorKind::rejected);
}

TEST_P(SqliteLedger, NamesTheFolderThatIsMissing) {
  const auto opened = open_sqlite_ledger(place_.folder.path() / "no" / "ledger.db", options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(opened.error().remedy, ::testing::HasSubstr("the folder exists"));
}

INSTANTIATE_TEST_SUITE_P(Storages, SqliteLedger, ::testing::Values(Backend::sqlite), backend_name);

TEST(MemoryLedger, BeginsEmpty) {
  LedgerOptions options;
  options.birth = kBirth;
  const auto ledger = make_memory_ledger(options);
  const auto snapshot = ledger->snapshot(at(1));
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->metrics.empty());
  EXPECT_TRUE(ledger->check());
}

}  // namespace
}  // namespace walpulse::monitor::testing
