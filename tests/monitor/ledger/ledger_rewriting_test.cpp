#include <fstream>
#include <iterator>

#include "monitor/ledger/read_model_fill.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/storage/sqlite/sqlite_database.h"
#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/storage/golden/third_format.h"

/// Runs that an earlier build wrote, which knew less of their state, are written again beside the
/// intake.
namespace walpulse::monitor::testing {
namespace {

using ::testing::UnorderedElementsAre;

const std::string& acme() {
  static const std::string labels = encode_labels({{"partner", "acme"}});
  return labels;
}

class LedgerRewriting : public LedgerTest {
 protected:
  static constexpr std::int64_t kRuns = 5;

  /// What the ledgers below were made of.
  static std::vector<ReceivedMessage> log() {
    MageRun done(1, 1), retried(2, 1), orphan(3, 1), gone(4, 1), plain(5, 1, "hourly");
    done.row().labels = retried.row().labels = {{"partner", "acme"}};
    plain.row().schedule.reset();
    std::vector<ReceivedMessage> log{done.create(10),    done.run(11),      done.complete(12),
                                     retried.create(20), retried.run(21),   retried.fail(22),
                                     retried.run(23),    orphan.create(30), orphan.run(31)};
    orphan.row().schedule.reset();
    for (const auto& each : {orphan.touch(32), gone.create(40), gone.run(41), gone.fail(42),
                             gone.remove(43), plain.create(50), plain.fail(52)})
      log.push_back(each);
    return log;
  }

  /// A ledger as the build before left it.
  void make_outdated() {
    if (GetParam() == Backend::sqlite) {
      std::ifstream file(std::string(WALPULSE_TEST_DIR) + "/monitor/storage/golden/ledger_v5.sql");
      return change_file({std::istreambuf_iterator<char>(file), {}});
    }
    apply(log(), 100);
    const auto degrade = [&](std::int64_t id, std::string_view digits, const std::string& more) {
      PrivatePostgres::instance().execute(
          "UPDATE " + place_.schema + ".run SET body = '\\x" + std::string(digits) +
          "', failed_time = NULL, schedule = NULL, slot = NULL, labels = NULL" + more +
          " WHERE id = " + std::to_string(id));
    };
    degrade(2, kThirdFormatRetried, ", failed = NULL");
    degrade(5, kThirdFormatFailed, "");
    PrivatePostgres::instance().execute("UPDATE " + place_.schema +
                                        ".pipeline SET changes = 0, first_event = last_event");
  }
  /// Many like one of its runs, as the build before wrote them.
  void copy_run(std::int64_t id, int count) {
    const std::string columns =
        "body, active, status, pipeline, since, success, success_time, failed, due ";
    const bool file = GetParam() == Backend::sqlite;
    const std::string run = file ? "run" : place_.schema + ".run";
    const std::string numbers =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n "
        "WHERE x < " +
        std::to_string(count) + ") ";
    const std::string sql = numbers + "INSERT INTO " + run + " (source, id, " + columns +
                            ") SELECT source, 1000 + x, " + columns + "FROM " + run +
                            ", n WHERE id = " + std::to_string(id);
    file ? change_file(sql) : PrivatePostgres::instance().execute(sql);
  }
  /// The build before kept no ends: its tables have no place for them. The file is one of its own.
  void take_back_ends() {
    if (GetParam() == Backend::sqlite) return;
    const std::string& schema = place_.schema;
    PrivatePostgres& server = PrivatePostgres::instance();
    server.execute("SET search_path = " + schema +
                   "; DROP VIEW etl_audit_log, problems, triggers, run_steps, runs; "
                   "DO $$ DECLARE each regprocedure; BEGIN "
                   "FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::"
                   "regnamespace LOOP EXECUTE 'DROP FUNCTION ' || each; END LOOP; END $$; "
                   "ALTER TABLE run DROP COLUMN ended, DROP COLUMN outcome, DROP COLUMN took; "
                   "DROP TABLE daily, mute, happening, notice, delivery, lock_ledger, lock_labels, "
                   "lock_connectors, lock_deliveries; ALTER TABLE series DROP COLUMN key, "
                   "ADD UNIQUE (metric, source, labels); "
                   "ALTER TABLE rejected DROP COLUMN bytes; DROP INDEX rejected_received; "
                   "CREATE INDEX rejected_unforwarded ON rejected (id) WHERE NOT forwarded; "
                   "UPDATE ledger SET version = 5; RESET search_path");
    open();
  }
  void change_file(const std::string& sql) {
    auto database = SqliteDatabase::open(place_.file(), std::chrono::milliseconds(0));
    ASSERT_TRUE(database);
    (*database)->execute(sql.c_str());
    ASSERT_FALSE((*database)->error()) << (*database)->error()->message;
  }

  template <class Work>
  auto reading(const Work& work) {
    Storage& storage = *raw_storage();
    EXPECT_TRUE(storage.begin(Intent::read));
    auto found = work(storage.transaction());
    EXPECT_TRUE(storage.commit());
    return found;
  }
  std::int64_t source() {
    return reading([](Transaction& in) { return in.context().sources.at(0).id; });
  }
  std::vector<StoredRun> runs() {
    std::vector<RunKey> keys;
    const std::int64_t of = source();
    for (std::int64_t id = 1; id <= kRuns; ++id) keys.push_back({of, id});
    return reading([&](Transaction& in) { return in.runs().peek(keys); });
  }
  std::size_t outdated() {
    const auto all = runs();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const StoredRun& run) { return run.outdated; }));
  }
  FailedRuns failed(const std::string& pipeline) {
    const std::int64_t of = source();
    return reading([&](Transaction& in) { return in.runs().failed_behind(of, pipeline, {}); });
  }
  Pruned prune() {
    const auto pruned = ledger().prune(at(100));
    EXPECT_TRUE(pruned) << pruned.error().message;
    return pruned ? *pruned : Pruned{};
  }
  std::string shown() { return telemetry::prometheus_text(*ledger().snapshot(at(200))); }
};

TEST_P(LedgerRewriting, AScanBringsThemUpToDateAndCountsNothing) {
  make_outdated();
  const std::size_t old = outdated();
  EXPECT_GE(old, 2u);
  EXPECT_EQ(failed("hourly").first->labels, "");
  const std::string before = shown();
  const Pruned pruned = prune();
  EXPECT_EQ(pruned.rewritten_run_count, old);
  EXPECT_TRUE(pruned.all_seen);
  EXPECT_EQ(outdated(), 0u);
  EXPECT_EQ(shown(), before);
  EXPECT_EQ(prune().rewritten_run_count, 0u);

  std::unique_ptr<Storage> storage = make_memory_storage(kBirth);
  Storage* const fresh = storage.get();
  LedgerCore anew(std::move(storage), options);
  ASSERT_TRUE(anew.apply(log(), at(100)));
  ASSERT_TRUE(fresh->begin(Intent::read));
  for (const StoredRun& run : runs()) {
    const std::vector<RunKey> key{{1, run.key.run}};
    EXPECT_EQ(run.run.state, fresh->transaction().runs().peek(key).at(0).run.state) << run.key.run;
  }
}

TEST_P(LedgerRewriting, ThenTheirColumnsSayWhatTheyAre) {
  make_outdated();
  prune();
  const FailedRuns daily = failed("daily");
  EXPECT_EQ(daily.count, 2u);
  ASSERT_TRUE(daily.first);
  EXPECT_EQ(daily.first->run, 2) << "it is active again";
  EXPECT_EQ(daily.first->end.time, at(22));
  EXPECT_EQ(daily.first->labels, acme());
  EXPECT_EQ(daily.first->schedule, 7);
  EXPECT_EQ(daily.last->run, 4);
  EXPECT_EQ(failed("hourly").first->end.time, at(52));
  const std::int64_t of = source();
  const auto groups =
      reading([&](Transaction& in) { return in.runs().group_successes(of, "daily"); });
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].labels, acme());
  EXPECT_EQ(groups[0].schedule, 7);
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "daily"}}), 1);
  for (const PipelineVersion& version :
       reading([](Transaction& in) { return in.runs().versions(); })) {
    EXPECT_GT(version.changes, 0);
    EXPECT_EQ(version.first_event, at(version.pipeline == "daily" ? 43 : 52))
        << "of what came before the slots are not known";
  }
}

TEST_P(LedgerRewriting, WhatComesOfThemCountsAsIfNothingHadBeen) {
  make_outdated();
  apply({log()[0], log()[3]}, 100);  // come again
  MageRun retried(2, 1);
  retried.row().labels = {{"partner", "acme"}};
  retried.run(21);
  const ReceivedMessage completed = retried.complete(60);
  const std::size_t old = outdated();
  apply({completed}, 100);
  EXPECT_EQ(outdated(), old - 1) << "it is written as this build writes it";
  EXPECT_EQ(prune().rewritten_run_count, old - 1);
  apply(log(), 100);
  apply({completed}, 100);
  const telemetry::Labels labels{
      {"partner", "acme"}, {"pipeline", "daily"}, {"status", "COMPLETED"}, {"trigger", "trigger"}};
  EXPECT_EQ(number("pipeline_run/finished_count", labels), 2);
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_EQ(failed("daily").count, 1u);
}

TEST_P(LedgerRewriting, ATruncateMeanwhileIsReadIntoThem) {
  make_outdated();
  apply({truncate(70)}, 100);
  prune();
  for (const StoredRun& run : runs()) {
    EXPECT_FALSE(run.outdated);
    EXPECT_FALSE(run.run.state.active);
  }
  EXPECT_EQ(runs().back().run.state.last_event, at(70));
  EXPECT_EQ(failed("daily").count, 1u) << "no retry will end any more";
}

TEST_P(LedgerRewriting, OnlyTheLeaderDoesIt) {
  make_outdated();
  const std::size_t old = outdated();
  ASSERT_TRUE(ledger().resign());
  EXPECT_EQ(prune().rewritten_run_count, 0u);
  EXPECT_EQ(outdated(), old);
}

TEST_P(LedgerRewriting, LooksAtSoManyAtATimeThatTheIntakeDoesNotWait) {
  constexpr int kCopies = 1100;
  options.prune_runs_max = 800;
  make_outdated();
  copy_run(2, kCopies);
  const std::size_t of_before = outdated() + kCopies;
  const Pruned first = prune();
  EXPECT_EQ(first.rewritten_run_count, 500u);
  EXPECT_FALSE(first.all_seen);
  std::size_t rewritten = first.rewritten_run_count;
  for (bool all = false; !all;) {
    const Pruned next = prune();
    EXPECT_LE(next.rewritten_run_count, 500u);
    rewritten += next.rewritten_run_count;
    all = next.all_seen;
  }
  EXPECT_EQ(rewritten, of_before);
  EXPECT_EQ(failed("daily").count, 2u + kCopies);
}

TEST_P(LedgerRewriting, TheEndsOfALedgerOfBeforeAreFilledInWhileMessagesCome) {
  constexpr int kCopies = 3000;
  options.prune_runs_max = 800;
  make_outdated();
  copy_run(5, kCopies);
  take_back_ends();
  const auto fill = [&] { return reading([](Transaction& in) { return read_model_fill(in); }); };
  const auto ends = [&](const std::string& pipeline) {
    const std::int64_t of = source();
    return reading([&](Transaction& in) {
             return in.runs().ends_of(of, pipeline, {}, kMinusInfinity, 10'000);
           })
        .size();
  };
  ASSERT_TRUE(ledger().snapshot(at(100))) << "it is brought up to date";
  EXPECT_EQ(fill(), (ReadModelFill{false, 0}));
  EXPECT_EQ(ends("hourly"), 0u);
  std::size_t before = 0, came = 0;
  for (bool all = false; !all;) {
    MageRun run(static_cast<std::int64_t>(10 + ++came), 100, "new");
    apply({run.create(100), run.complete(101)}, 102);
    EXPECT_EQ(ends("new"), came) << "what comes does not wait for what was there";
    const Pruned step = prune();
    EXPECT_LE(step.rewritten_run_count, 500u);
    all = step.all_seen;
    EXPECT_GT(ends("hourly"), before) << "more and more are seen";
    before = ends("hourly");
    EXPECT_FALSE(fill().complete);
    EXPECT_GT(fill().runs_seen, 0u);
  }
  EXPECT_GT(came, 3u);
  EXPECT_EQ(outdated(), 0u);
  EXPECT_EQ(ends("hourly"), static_cast<std::size_t>(kCopies + 1));
  while (!prune().all_seen) {
  }
  EXPECT_TRUE(fill().complete) << "a whole scan met none of before";
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerRewriting,
                         ::testing::Values(Backend::sqlite, Backend::postgres), backend_name);

class SqliteLedgerRewriting : public LedgerRewriting {};

TEST_P(SqliteLedgerRewriting, ALedgerThatThisBuildMadeIsComplete) {
  MageRun run(1, 1);
  apply({run.create(1), run.complete(5)});
  EXPECT_EQ(reading([](Transaction& in) { return read_model_fill(in); }), ReadModelFill{});
  prune();
  EXPECT_EQ(reading([](Transaction& in) { return read_model_fill(in); }), ReadModelFill{});
}

INSTANTIATE_TEST_SUITE_P(Storages, SqliteLedgerRewriting, ::testing::Values(Backend::sqlite),
                         backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
