#include <algorithm>
#include <barrier>
#include <fstream>
#include <iterator>
#include <thread>

#include "monitor/storage/ledger_factory.h"
#include "monitor/storage/postgres/postgres_schema.h"
#include "publisher/telemetry/metric.h"
#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What PostgreSQL's ledger promises beyond the common suite: several instances, and a server that
/// may go at any time.
class PostgresLedger : public LedgerTest {
 protected:
  static PrivatePostgres& server() { return PrivatePostgres::instance(); }

  /// Another instance on the same ledger.
  std::unique_ptr<Ledger> another() {
    auto storage = open_storage();
    EXPECT_TRUE(storage) << storage.error().message;
    return std::make_unique<LedgerCore>(*std::move(storage), options, readers());
  }
  /// Every connection to the server but the one that asks.
  static void terminate_connections() {
    server().execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
  }
};

std::string exposition(Ledger& ledger, double now) {
  const auto snapshot = ledger.snapshot(at(now));
  EXPECT_TRUE(snapshot) << snapshot.error().message;
  return snapshot ? telemetry::prometheus_text(*snapshot) : "";
}

TEST_P(PostgresLedger, IsAsItWasForTheNextInstance) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5)});
  options.birth = at(1000);  // means nothing to a ledger that exists
  open();
  EXPECT_THAT(apply({run.touch(5), run.complete(9)}).outcomes,
              ElementsAre(Outcome::unchanged, Outcome::applied));
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(finished("COMPLETED"), 1);
}

TEST_P(PostgresLedger, ShowsAuditorsPositionsAsPostgresWritesThem) {
  open();
  const auto shown = [&](const std::string& lsn) {
    return server().ask("SELECT " + place_.schema + ".audit_lsn(" + lsn + ")");
  };
  EXPECT_EQ(shown("0"), "0/0");
  EXPECT_EQ(shown("(5::bigint << 32) | 171"), "5/AB");
  EXPECT_EQ(shown("4294967295"), "0/FFFFFFFF");
  EXPECT_EQ(shown("-1"), "FFFFFFFF/FFFFFFFF");  // bigint has the highest bit as a sign
}

/// As the build before the counting rule wrote it: a run that ended, one under way, and one that
/// waited for its insert.
TEST_P(PostgresLedger, GoesOnFromTablesOfVersion2) {
  std::ifstream file(std::string(WALPULSE_TEST_DIR) +
                     "/monitor/storage/golden/ledger_postgres_v2.sql");
  std::string dump{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(dump.empty());
  place_.schema = server().fresh_schema();
  const std::string written = "walpulse_ledger";
  for (auto at = dump.find(written); at != dump.npos; at = dump.find(written, at + 1))
    dump.replace(at, written.size(), place_.schema);
  server().execute(dump);
  const auto failed = [&] { return finished("FAILED", "hourly"); };
  EXPECT_EQ(created("daily"), 1);
  EXPECT_EQ(finished("COMPLETED", "daily"), 1);
  EXPECT_EQ(active("RUNNING", "hourly"), 1);
  EXPECT_EQ(distribution("pipeline_run/queue_time").count(), 2u);
  EXPECT_EQ(failed(), -1);
  intake_clock(std::chrono::seconds(0));  // what waited has been here for long
  EXPECT_EQ(failed(), 1);
  EXPECT_EQ(distribution("pipeline_run/queue_time").count(), 2u);
  const auto known = ledger().epochs();
  ASSERT_TRUE(known);
  ASSERT_EQ(known->size(), 1u);
  for (const KnownEpoch& epoch : *known) {
    EXPECT_EQ(epoch.standing, "accepted");
    EXPECT_EQ(epoch.table, "public.pipeline_run");
  }
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_GT(number("rejected/bytes"), kRejectedRowBytes);
  EXPECT_TRUE(ledger().triggers()->empty());
}

/// Three instances get every event twice, in groups and orders of their own, at the same time.
TEST_P(PostgresLedger, IsExactForInstancesThatGetTheSameEventsAtOnce) {
  constexpr int kInstances = 3;
  std::vector<ReceivedMessage> events;
  for (std::int64_t id = 1; id <= 60; ++id) {
    const double begun = 10 * static_cast<double>(id);
    MageRun run(id, begun, "pipeline_" + std::to_string(id % 5));
    events.push_back(run.create(begun));
    events.push_back(run.run(begun + 2));
    events.push_back(id % 3 == 0 ? run.fail(begun + 5) : run.complete(begun + 5));
    if (id % 9 == 0) events.push_back(run.remove(begun + 7));
    events.push_back(Block{1000 + id, id, "load"}.create(begun + 1));
    events.push_back(Block{1000 + id, id, "load"}.update(begun + 4, "FAILED"));
    events.push_back(Trigger{id}.create(begun + 1));
  }
  const auto once = make_memory_ledger(options);
  ASSERT_TRUE(once->apply(events, at(10'000)));

  options.settle = std::chrono::minutes(3);
  open();
  std::vector<std::unique_ptr<Ledger>> instances;
  for (int i = 0; i < kInstances; ++i) instances.push_back(another());
  std::barrier begin(kInstances);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kInstances; ++i)
    threads.emplace_back([&, i] {
      std::vector<ReceivedMessage> mine = events;
      mine.insert(mine.end(), events.begin(), events.end());
      std::shuffle(mine.begin(), mine.end(), std::mt19937(static_cast<unsigned>(i)));
      begin.arrive_and_wait();
      for (std::size_t first = 0; first < mine.size(); first += 17) {
        const auto group =
            std::span(mine).subspan(first, std::min<std::size_t>(17, mine.size() - first));
        const auto applied = instances[static_cast<std::size_t>(i)]->apply(group, at(10'000));
        EXPECT_TRUE(applied) << applied.error().message;
      }
    });
  threads.clear();
  intake_clock(std::chrono::hours(1));

  for (const char* outcome : {"applied", "unchanged"}) {
    std::int64_t sum = 0;
    for (const char* op : {"c", "u", "d"}) sum += std::max<std::int64_t>(0, processed(op, outcome));
    const auto count = static_cast<std::int64_t>(events.size());
    EXPECT_EQ(sum, std::string_view(outcome) == "applied" ? count : (2 * kInstances - 1) * count);
  }
  // All but how often each message came, in whatever order.
  const auto lines = [](const std::string& text) {
    std::vector<std::string> kept;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
      if (!line.starts_with("walpulse_event_processed_count")) kept.push_back(line);
    std::sort(kept.begin(), kept.end());
    return kept;
  };
  EXPECT_EQ(lines(exposition(ledger(), 10'000)), lines(exposition(*once, 10'000)));
  EXPECT_EQ(ledger().triggers()->size(), 60u);
  EXPECT_EQ(ledger().blocks("mage", 60)->size(), 1u);
}

/// Each locks its rows in one order: an insert's source and epoch, a heartbeat's too.
TEST_P(PostgresLedger, HeartbeatsBesideInsertsMeetNoDeadlock) {
  open();
  const auto other = another();
  apply({message(heartbeat(1, 1))});
  const auto deadlocks = [&] {
    server().execute("SELECT pg_stat_force_next_flush()");
    return server().ask(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
  };
  const std::string before = deadlocks();
  {
    const std::jthread beats([&] {
      for (std::uint64_t n = 2; n < 200; ++n)
        EXPECT_TRUE(
            other->apply(std::vector{message(heartbeat(n, static_cast<double>(n)))}, at(500)));
    });
    for (std::int64_t id = 1; id < 200; ++id) {
      intake_clock(std::chrono::milliseconds(id));
      apply({MageRun(id, 1).create(static_cast<double>(id))});
    }
  }
  EXPECT_EQ(deadlocks(), before);
}

/// Whoever is first has the name, however many look at an empty ledger at once.
TEST_P(PostgresLedger, TwoHistoriesThatComeAtOnceAreNotBothTheFirst) {
  for (int round = 0; round < 10; ++round) {
    place_.schema.clear();
    open();
    const auto other = another();
    const auto introduced = [](std::uint64_t epoch) {
      schema::Heartbeat beat = heartbeat(1, 10);
      beat.epoch = epoch;
      beat.instance = std::to_string(epoch);
      beat.system_identifier = epoch;
      return message(beat);
    };
    std::barrier begin(2);
    {
      const std::jthread first([&] {
        begin.arrive_and_wait();
        EXPECT_TRUE(other->apply(std::vector{introduced(1)}, at(20)));
      });
      begin.arrive_and_wait();
      apply({introduced(2)});
    }
    const auto known = ledger().epochs();
    ASSERT_TRUE(known);
    ASSERT_EQ(known->size(), 2u);
    EXPECT_NE(known->at(0).standing, known->at(1).standing);
  }
}

TEST_P(PostgresLedger, ATruncateBesideOtherInstancesIsCountedOnce) {
  open();
  const auto other = another();
  MageRun one(1, 1), two(2, 2);
  ASSERT_TRUE(other->apply(std::vector{one.create(1), two.create(2), one.run(3)}, at(50)));
  std::jthread first([&] { EXPECT_TRUE(other->apply(std::vector{truncate(9)}, at(60))); });
  EXPECT_TRUE(ledger().apply(std::vector{truncate(9), two.run(5)}, at(60)));
  first.join();
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_EQ(started(), 2);
}

TEST_P(PostgresLedger, S15WhatTheServerRefusesIsSetAsideAndTheRestApplied) {
  open();
  server().execute("ALTER TABLE " + place_.schema + ".run ADD CHECK (id <> 6)");
  std::vector<ReceivedMessage> group;
  for (std::int64_t id = 1; id <= 8; ++id)
    group.push_back(MageRun(id, 1).create(1 + 0.1 * static_cast<double>(id)));
  const ApplyResult applied = apply(group);
  ASSERT_EQ(applied.outcomes.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(applied.outcomes[i], i == 5 ? Outcome::invalid : Outcome::applied) << i;
  EXPECT_EQ(created(), 7);
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_THAT(rejected()[0].reason, HasSubstr("23514"));
}

/// Its script was run when there was nothing to take turns by but advisory locks.
TEST_P(PostgresLedger, APagesRoleOfAnEarlierBuildTakesTurnsToo) {
  open();
  const std::string role = place_.schema + "_page", &schema = place_.schema;
  server().execute("CREATE ROLE " + role + "; SET search_path = " + schema +
                   "; GRANT INSERT, UPDATE ON mute TO " + role +
                   "; DROP TABLE lock_ledger, lock_labels, lock_connectors, lock_deliveries; "
                   "UPDATE ledger SET version = 11; RESET search_path");
  open();
  const auto may = [&](const std::string& table, const std::string& right) {
    return server().ask("SELECT has_table_privilege('" + role + "', '" + schema + "." + table +
                        "', '" + right + "')");
  };
  EXPECT_EQ(may("lock_ledger", "INSERT"), "t");
  EXPECT_EQ(may("lock_ledger", "UPDATE"), "f");
  EXPECT_EQ(may("lock_deliveries", "UPDATE"), "t");
  EXPECT_EQ(may("lock_connectors", "INSERT"), "f");
  server().execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_P(PostgresLedger, DoesATransactionAgainThatCouldNotBeSerialized) {
  open();
  server().execute(
      "CREATE SEQUENCE " + place_.schema + ".attempt; CREATE FUNCTION " + place_.schema +
      ".refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('" + place_.schema +
      ".attempt') <= 2 THEN RAISE 'in the way' USING ERRCODE = '40001'; END IF; "
      "RETURN NULL; END $$; CREATE TRIGGER refuse AFTER UPDATE ON " +
      place_.schema + ".run EXECUTE FUNCTION " + place_.schema + ".refuse()");
  EXPECT_THAT(apply({MageRun(1, 1).create(1)}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(server().ask("SELECT last_value FROM " + place_.schema + ".attempt"), "3");
  EXPECT_EQ(created(), 1);
}

TEST_P(PostgresLedger, OneOfTwoThatWaitForEachOtherIsContended) {
  const auto first = *open_storage(), second = *open_storage();
  const RunKey one{1, 1}, two{1, 2};
  ASSERT_TRUE(first->begin(Intent::share));
  ASSERT_TRUE(second->begin(Intent::share));
  first->transaction().runs().load(std::span(&one, 1));
  second->transaction().runs().load(std::span(&two, 1));
  Result<void> ends[2];
  {
    const std::jthread waiting([&] {
      first->transaction().runs().load(std::span(&two, 1));
      ends[0] = first->commit();
    });
    second->transaction().runs().load(std::span(&one, 1));
    ends[1] = second->commit();
  }
  EXPECT_NE(ends[0].has_value(), ends[1].has_value());
  for (const auto& end : ends)
    if (!end) {
      EXPECT_EQ(end.error().kind, ErrorKind::contended);
    }
}

TEST_P(PostgresLedger, GoesOnAfterItsConnectionWasClosed) {
  MageRun run(1, 1);
  apply({run.create(1)});
  terminate_connections();
  apply({run.run(5)});
  EXPECT_EQ(started(), 1);
}

TEST_P(PostgresLedger, LeavesNothingOfATransactionWhoseConnectionWasClosed) {
  auto storage = open_storage();
  ASSERT_TRUE(storage);
  ASSERT_TRUE((*storage)->begin(Intent::share));
  SourceRow source;
  source.name = "mage";
  source.table = "public.pipeline_run";
  (*storage)->transaction().sources().save(source);
  terminate_connections();
  const auto committed = (*storage)->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unavailable);
  ASSERT_TRUE((*storage)->begin(Intent::read));
  EXPECT_TRUE((*storage)->transaction().context().sources.empty());
  EXPECT_TRUE((*storage)->commit());
}

TEST_P(PostgresLedger, FindsThatTheServerSaysNothingAnyMore) {
  if (place_.schema.empty()) place_.schema = server().fresh_schema();
  PostgresDatabase database({server().dsn(), "public", std::chrono::milliseconds(200)});
  database.connect();
  ASSERT_TRUE(database.connected());
  database.execute("SELECT pg_sleep(600)");
  ASSERT_TRUE(database.error());
  EXPECT_EQ(database.error()->kind, ErrorKind::unavailable);
  EXPECT_FALSE(database.connected());
}

TEST_P(PostgresLedger, TwoInstancesThatStartAtOnceMakeOneLedger) {
  place_.schema = server().fresh_schema();
  std::barrier begin(4);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        begin.arrive_and_wait();
        const auto opened = open_postgres_ledger(server().dsn(), place_.schema, options);
        EXPECT_TRUE(opened) << opened.error().message;
      });
  }
  EXPECT_EQ(server().ask("SELECT count(*) FROM " + place_.schema + ".ledger"), "1");
}

TEST_P(PostgresLedger, RefusesTablesOfANewerVersion) {
  open();
  server().execute("UPDATE " + place_.schema + ".ledger SET version = 99");
  const auto newer = open_storage();
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().kind, ErrorKind::rejected);
  EXPECT_THAT(newer.error().message, HasSubstr("newer version"));
  // An instance that has it open stops writing too.
  const auto applied = ledger().apply(std::vector{MageRun(1, 1).create(1)}, at(5));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().kind, ErrorKind::unavailable);
}

TEST_P(PostgresLedger, RefusesASchemaThatHoldsSomethingElse) {
  place_.schema = server().fresh_schema();
  server().execute("CREATE SCHEMA " + place_.schema + "; CREATE TABLE " + place_.schema +
                   ".t (x int)");
  const auto opened = open_storage();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::rejected);
  EXPECT_THAT(opened.error().remedy, HasSubstr("--ledger-schema"));
}

TEST_P(PostgresLedger, SaysWhatToGrantWhereTheSchemaMayNotBeMade) {
  place_.schema = server().fresh_schema();
  server().execute("CREATE ROLE " + place_.schema + "_role LOGIN");
  const auto denied =
      open_postgres_storage({server().dsn(place_.schema + "_role"), place_.schema}, *options.birth);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, ErrorKind::rejected);
  EXPECT_EQ(denied.error().code, "42501");
  EXPECT_THAT(denied.error().remedy,
              HasSubstr("CREATE SCHEMA \"" + place_.schema + "\" AUTHORIZATION"));
  server().execute("CREATE SCHEMA " + place_.schema + " AUTHORIZATION " + place_.schema + "_role");
  EXPECT_TRUE(open_postgres_storage({server().dsn(place_.schema + "_role"), place_.schema},
                                    *options.birth));
}

TEST_P(PostgresLedger, NeverRepeatsAPassword) {
  for (const char* dsn : {"host=127.0.0.1 port=1 user=u password=hunter2",
                          "postgresql://u:hunter2@127.0.0.1:1/d", "password=hunter2 nonsense"}) {
    const auto opened = open_postgres_storage({dsn, "s"}, *options.birth);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(opened.error().message, ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST_P(PostgresLedger, TheLeaseIsOneInstancesUntilItExpires) {
  const auto first = *open_storage(), second = *open_storage();
  const auto in = [](Storage& storage, const auto& work) {
    EXPECT_TRUE(storage.begin(Intent::share));
    const auto result = work(storage.transaction());
    EXPECT_TRUE(storage.commit());
    return result;
  };
  const auto take = [](const char* holder) {
    return [holder](Transaction& transaction) {
      return transaction.lease().take(holder, std::chrono::hours(1));
    };
  };
  const std::uint64_t led = in(*first, take("first"));
  EXPECT_GT(led, 0u);
  EXPECT_EQ(in(*second, take("second")), 0u);
  EXPECT_EQ(in(*first, take("first")), led);
  const auto holds = [led](Transaction& transaction) { return transaction.lease().holds(led); };
  EXPECT_TRUE(in(*first, holds));
  server().execute("UPDATE " + place_.schema + ".lease SET expires_at = clock_timestamp()");
  EXPECT_FALSE(in(*first, holds));
  const std::uint64_t next = in(*second, take("second"));
  EXPECT_GT(next, led);
  EXPECT_EQ(in(*first, take("first")), 0u);
  in(*second, [next](Transaction& transaction) {
    transaction.lease().release(next);
    return true;
  });
  EXPECT_GT(in(*first, take("first")), next);
}

TEST_P(PostgresLedger, TakesAnyBytesForText) {
  MageRun run(1, 1, std::string("caf\xc3\xa9 '\\x00\" \x01"));
  apply({run.create(1)});
  EXPECT_EQ(created("caf\xc3\xa9 '\\x00\" \x01"), 1);
  const std::string bytes("\0\xff\\x", 4);
  apply({ReceivedMessage{bytes, {{"op", bytes}}, bytes}});
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_EQ(rejected()[0].data, bytes);
  EXPECT_EQ(rejected()[0].message_id, bytes);
}

TEST_P(PostgresLedger, KeepsNothingOfRunsThatWereOnlyLookedAt) {
  MageRun run(1, 1);
  Change restored = run.row();
  apply({run.create(1)});
  restored = run.row();
  restored.id = 77;
  restored.epoch = 5;
  restored.when = 3;
  apply({message(restored)});
  EXPECT_EQ(server().ask("SELECT count(*) FROM " + place_.schema + ".run WHERE body = ''"), "0");
  EXPECT_EQ(server().ask("SELECT count(*) FROM " + place_.schema + ".series WHERE version = 0"),
            "0");
}

INSTANTIATE_TEST_SUITE_P(Storages, PostgresLedger, ::testing::Values(Backend::postgres),
                         backend_name);

TEST(SqlState, SaysWhatATransactionMayDoAboutIt) {
  for (const char* state : {"40001", "40P01", "55P03"})
    EXPECT_EQ(kind_of_state(state), ErrorKind::contended) << state;
  for (const char* state : {"22001", "22021", "23505", "54000"})
    EXPECT_EQ(kind_of_state(state), ErrorKind::rejected) << state;
  for (const char* state : {"08006", "53100", "53300", "57P01", "57014", "25006", "42501", ""})
    EXPECT_EQ(kind_of_state(state), ErrorKind::unavailable) << state;
}

}  // namespace
}  // namespace walpulse::monitor::testing
