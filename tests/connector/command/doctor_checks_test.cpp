#include "connector/command/doctor_checks.h"
#include "publisher/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <regex>

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;
using Level = Check::Level;

Error refused(const std::string& message) {
  Error error;
  error.kind = ErrorKind::unavailable;
  error.message = message;
  return error;
}

/// A server on which capture runs and nothing is left to say.
DoctorFacts healthy() {
  DoctorFacts facts;
  facts.server.version_num = 150020;
  facts.server.version = "15.20";
  facts.server.system_identifier = 77;
  facts.server.database = "mage";
  facts.server.encoding = "UTF8";
  facts.server.wal_level = "logical";
  facts.server.replication_slots_max = 10;
  facts.server.replication_slots_used = 1;
  facts.server.wal_senders_max = 10;
  facts.server.connections_max = 97;
  facts.server.connections_used = 20;
  facts.server.slot_keep_bytes_max = std::int64_t{10} << 30;
  facts.server.wal_sender_timeout = std::chrono::seconds(60);
  facts.role = {"cap", false, true, false, true, true, true, false};
  facts.table = TableFacts{};
  facts.table->oid = Oid{16412};
  facts.table->schema = "public";
  facts.table->name = "pipeline_run";
  facts.table->owner = "mage";
  facts.table->primary_key = {"id"};
  facts.column_types = {{"id", "integer", 'N'},
                        {"created_at", "timestamp with time zone", 'D'},
                        {"pipeline_uuid", "character varying", 'S'},
                        {"status", "pipelinerunstatus", 'E'},
                        {"completed_at", "timestamp with time zone", 'D'},
                        {"passed_sla", "boolean", 'B'}};
  PublicationFacts publication;
  publication.owner = "mage";
  publication.xmin = Xid{771};
  publication.inserts = publication.updates = publication.deletes = publication.truncates = true;
  publication.relation = Oid{16500};
  publication.publishes_table = true;
  publication.comment = to_comment(
      {"mage", 1763600000, 77, Xid{771}, {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}}});
  facts.publication = publication;
  SlotState slot;
  slot.plugin = "pgoutput";
  slot.database = "mage";
  slot.wal_status = "reserved";
  slot.retained_bytes = 56;
  facts.slot = slot;
  facts.anchor = slot;
  return facts;
}

Check find(const std::vector<Check>& checks, const std::string& name) {
  for (const auto& check : checks) {
    if (check.name == name) return check;
  }
  ADD_FAILURE() << "no check " << name;
  return {};
}

TEST(DoctorChecks, AHealthyServerHasNothingToMend) {
  const auto checks = check_all(healthy());
  for (const auto& check : checks) {
    EXPECT_EQ(check.level, Level::ok) << check.name << ": " << check.finding;
    EXPECT_EQ(check.remedy, "") << check.name;
  }
  EXPECT_EQ(doctor::exit_code(checks), 0);
}

TEST(DoctorChecks, AnIdentityWiderThanTheKeyLosesNothing) {
  const auto level = [](std::vector<std::string> key, std::vector<std::string> index) {
    auto facts = healthy();
    facts.table->primary_key = std::move(key);
    facts.table->replica_identity = index.empty() ? 'd' : 'i';
    facts.table->identity_index = std::move(index);
    return find(check_all(facts), "replica_identity").level;
  };
  EXPECT_EQ(level({"id"}, {"id", "status"}), Level::ok);
  EXPECT_EQ(level({"id"}, {"status", "code", "id"}), Level::ok);
  EXPECT_EQ(level({"id", "status"}, {"id"}), Level::ok) << "the index alone tells rows apart";
  EXPECT_EQ(level({"id", "created_at"}, {}), Level::ok) << "of a run that never changes";
}

/// Capture of runs and blocks.
DoctorFacts with_blocks() {
  auto facts = healthy();
  OtherTable blocks;
  blocks.name = {"public", "block_run"};
  blocks.table = facts.table;
  blocks.table->oid = Oid{16414};
  blocks.table->name = "block_run";
  blocks.publication = facts.publication;
  blocks.publication->relation = Oid{16502};
  blocks.capture = blocks.admin = facts.role;
  facts.others = {blocks};
  facts.publication->other_relations = 1;
  facts.publication->comment = to_comment({"mage",
                                           1763600000,
                                           77,
                                           Xid{771},
                                           {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}},
                                            {{"public", "block_run"}, Oid{16414}, Oid{16502}}}});
  return facts;
}

TEST(DoctorTables, EachCapturedOneHasALineWhereAllIsWell) {
  const auto checks = check_all(with_blocks());
  for (const auto& check : checks) {
    EXPECT_EQ(check.level, Level::ok) << check.name << ": " << check.finding;
  }
  EXPECT_EQ(std::count_if(checks.begin(), checks.end(),
                          [](const Check& check) { return check.name == "table"; }),
            2);
  EXPECT_THAT(find(checks, "publication").finding,
              HasSubstr("publishes \"public\".\"pipeline_run\", \"public\".\"block_run\""));
}

TEST(DoctorTables, WhatIsWrongWithOneNamesIt) {
  struct Wrong {
    const char* check;
    Level level;
    const char* finding;
    const char* remedy;
    std::function<void(DoctorFacts&, OtherTable&)> make;
  };
  const Wrong wrongs[] = {
      {"table", Level::fail, "\"block_run\" was dropped", "walpulse-connector recover",
       [](auto&, auto& one) { one.table.reset(); }},
      {"table", Level::fail, "\"block_run\" was made anew", "walpulse-connector recover",
       [](auto&, auto& one) { one.table->oid = Oid{1}; }},
      {"table", Level::fail, "\"block_run\" is no longer in the publication", "recover",
       [](auto& f, auto& one) {
         one.publication->relation.reset();
         --f.publication->other_relations;
       }},
      {"table", Level::fail, "\"block_run\" left the publication", "recover",
       [](auto&, auto& one) { one.publication->relation = Oid{1}; }},
      {"select", Level::warn, "may not read \"public\".\"block_run\"",
       "GRANT SELECT ON \"public\".\"block_run\"",
       [](auto&, auto& one) { one.capture.table_select = false; }},
      {"replica_identity", Level::fail, "\"block_run\": NOTHING",
       "ALTER TABLE \"public\".\"block_run\"",
       [](auto&, auto& one) { one.table->replica_identity = 'n'; }},
      {"row_filter", Level::fail, "\"block_run\" rows are filtered by (id > 3)", "recover",
       [](auto&, auto& one) { one.publication->row_filter = "(id > 3)"; }},
      {"publication", Level::warn, "other tables too", "recover",
       [](auto& f, auto&) { ++f.publication->other_relations; }},
  };
  for (const Wrong& wrong : wrongs) {
    auto facts = with_blocks();
    wrong.make(facts, facts.others.front());
    bool found = false;
    for (const Check& check : check_all(facts)) {
      if (check.name != wrong.check || check.level == Level::ok) continue;
      found = true;
      EXPECT_EQ(check.level, wrong.level) << wrong.finding;
      EXPECT_THAT(check.finding, HasSubstr(wrong.finding));
      EXPECT_THAT(check.remedy, HasSubstr(wrong.remedy));
      EXPECT_THAT(check.remedy, ::testing::Not(HasSubstr("--table")));
    }
    EXPECT_TRUE(found) << wrong.finding;
  }
}

TEST(DoctorTables, OneThatIsNotCapturedIsNoFaultAndHowToAddItIsSaid) {
  auto facts = with_blocks();
  facts.publication->comment = healthy().publication->comment;
  facts.publication->other_relations = 0;
  facts.others.front().publication->relation.reset();
  const Check check = find(check_all(facts), "tables");
  EXPECT_EQ(check.level, Level::ok);
  EXPECT_THAT(check.finding, HasSubstr("\"block_run\" could be captured as well"));
  EXPECT_THAT(check.finding, HasSubstr("walpulse-connector setup"));
}

TEST(DoctorTables, TheCostOfBlocksIsALine) {
  auto facts = with_blocks();
  facts.blocks = BlockTraffic{30'500, 1'000, {}};
  EXPECT_EQ(find(check_all(facts), "blocks").finding, "30.5 changes of block_run for each run");
  facts.blocks->day_run_count = 10'000;
  EXPECT_THAT(find(check_all(facts), "blocks").finding, HasSubstr("some 305000 messages a day"));
  facts.blocks->run_count = 0;
  for (const Check& check : check_all(facts)) EXPECT_NE(check.name, "blocks");
}

struct Sickness {
  const char* check;
  Level level;
  const char* finding;
  const char* remedy;
  bool restart;
  std::function<void(DoctorFacts&)> infect;
};

TEST(DoctorChecks, EachSicknessIsNamedWithItsCure) {
  const auto fail = Level::fail;
  const auto warn = Level::warn;
  const Sickness sicknesses[] = {
      {"wal_level", fail, "is replica, capture needs logical",
       "ALTER SYSTEM SET wal_level = 'logical';", true,
       [](auto& f) { f.server.wal_level = "replica"; }},
      {"wal_level", fail, "is minimal, capture needs logical", "ALTER SYSTEM SET wal_level", true,
       [](auto& f) {
         f.server.version_num = 190000;
         f.server.wal_level = "minimal";
       }},
      {"wal_level", fail, "wal_level was changed and waits for a restart", "restart the server",
       true,
       [](auto& f) {
         f.server.wal_level = "replica";
         f.server.awaiting_restart = {"port", "wal_level"};
       }},
      {"wal_level", fail, "is replica, capture needs logical",
       "ALTER SYSTEM SET wal_level = 'logical';", true,
       [](auto& f) {
         f.server.wal_level = "replica";
         f.server.awaiting_restart = {"max_wal_senders"};
       }},
      {"free_slots", fail, "max_replication_slots was changed", "restart the server", true,
       [](auto& f) {
         f.server.replication_slots_used = 10;
         f.slot.reset();
         f.server.awaiting_restart = {"max_replication_slots"};
       }},
      {"wal_level", fail, "is replica",
       "gcloud sql instances patch INSTANCE --database-flags=\"$(gcloud sql instances describe",
       true,
       [](auto& f) {
         f.server.wal_level = "replica";
         f.server.cloud_sql = true;
       }},
      {"role", fail, "lacks the attribute REPLICATION", "ALTER ROLE \"cap\" WITH REPLICATION;",
       false, [](auto& f) { f.role.replication = false; }},
      {"stream", fail, "no pg_hba.conf entry for replication connection", "", false,
       [](auto& f) { f.stream_error = refused("no pg_hba.conf entry for replication connection"); }},
      {"stream", fail, "a pooler stands before the server and opens no replication connection (no)",
       "walpulse-connector doctor --dsn 'host=10.0.0.5 port=5431", false,
       [](auto& f) {
         f.stream_error = refused("no");
         f.server.pooler = PoolerFacts{"10.0.0.5", 5431};
       }},
      {"stream", fail, "a pooler stands before the server", "--dsn 'host=HOST port=5432", false,
       [](auto& f) {
         f.stream_error = refused("no");
         f.server.pooler = PoolerFacts{};
       }},
      {"pooler", warn, "it must keep whole sessions (pool_mode=session)", "host=::1 port=5431",
       false, [](auto& f) { f.server.pooler = PoolerFacts{"::1", 5431}; }},
      {"free_slots", fail, "0 of 10 replication slots are free: the capture slot cannot be made",
       "ALTER SYSTEM SET max_replication_slots = '20';", true,
       [](auto& f) {
         f.server.replication_slots_used = 10;
         f.slot.reset();
       }},
      {"free_slots", fail, "the capture slot and its anchor need 2", "max_replication_slots", true,
       [](auto& f) {
         f.server.replication_slots_used = 9;
         f.slot.reset();
         f.anchor.reset();
       }},
      {"free_slots", warn, "the anchor of the replay window cannot be made",
       "max_replication_slots", true,
       [](auto& f) {
         f.server.replication_slots_used = 10;
         f.anchor.reset();
       }},
      {"anchor", warn, "there is no anchor walpulse_anchor", "walpulse-connector setup", false,
       [](auto& f) { f.anchor.reset(); }},
      {"anchor", warn, "is lost", "walpulse-connector setup", false,
       [](auto& f) { f.anchor->wal_status = "lost"; }},
      {"anchor", warn, "goes at the next checkpoint", "max_slot_wal_keep_size = '2049'", false,
       [](auto& f) { f.anchor->wal_status = "unreserved"; }},
      {"anchor", warn, "belongs to the database mage, plugin wal2json",
       "pg_drop_replication_slot('walpulse_anchor');\" && walpulse-connector setup", false,
       [](auto& f) { f.anchor->plugin = "wal2json"; }},
      {"anchor", warn, "belongs to the database other", "&& walpulse-connector setup", false,
       [](auto& f) { f.anchor->database = "other"; }},
      {"role_connections", fail, "cap may have 2 connections at once (CONNECTION LIMIT)",
       "ALTER ROLE \"cap\" CONNECTION LIMIT -1;", false,
       [](auto& f) { f.role.connections_max = 2; }},
      {"anchor", warn, "no replay window is wanted, but the anchor walpulse_anchor retains 56 B",
       "pg_drop_replication_slot('walpulse_anchor');", false,
       [](auto& f) { f.window.time = std::chrono::milliseconds(0); }},
      {"wal_keep_size", warn, "the anchor gets lost", "max_slot_wal_keep_size = '2049'", false,
       [](auto& f) { f.server.slot_keep_bytes_max = 1 << 30; }},
      {"idle_timeout", warn, "the replay window's anchor rests for 21600 s",
       "idle_replication_slot_timeout = '0'", false,
       [](auto& f) { f.server.idle_replication_slot_timeout = std::chrono::hours(6); }},
      {"free_slots", warn, "0 of 10", "max_replication_slots", true,
       [](auto& f) { f.server.replication_slots_used = 10; }},
      {"free_senders", fail, "nothing can stream", "ALTER SYSTEM SET max_wal_senders = '20';", true,
       [](auto& f) { f.server.wal_senders_used = 10; }},
      {"connections", warn, "4 of 97", "max_connections = '147'", true,
       [](auto& f) { f.server.connections_used = 93; }},
      {"connections", fail, "1 of 97", "max_connections", true,
       [](auto& f) { f.server.connections_used = 96; }},
      {"wal_keep_size", fail, "max_slot_wal_keep_size is -1",
       "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_catalog.pg_reload_conf();",
       false, [](auto& f) { f.server.slot_keep_bytes_max.reset(); }},
      {"idle_timeout", warn, "60 s is invalidated", "idle_replication_slot_timeout = '0'", false,
       [](auto& f) { f.server.idle_replication_slot_timeout = std::chrono::seconds(60); }},
      {"sender_timeout", warn, "a dead connection", "wal_sender_timeout = '60000'", false,
       [](auto& f) { f.server.wal_sender_timeout = std::chrono::seconds(0); }},
      {"output_plugin", fail, "does not allow pgoutput", "output_plugin_libraries", false,
       [](auto& f) { f.server.output_plugin_libraries = "test_decoding"; }},
      {"primary", fail, "before PostgreSQL 16 a standby cannot decode", "PRIMARY", false,
       [](auto& f) { f.server.in_recovery = true; }},
      {"primary", warn, "setup needs the primary", "", false,
       [](auto& f) {
         f.server.in_recovery = true;
         f.server.version_num = 160000;
       }},
      {"encoding", warn, "SQL_ASCII", "", false, [](auto& f) { f.server.encoding = "SQL_ASCII"; }},
      {"clock", warn, "6.0 s behind this machine's", "chronyc makestep", false,
       [](auto& f) { f.clock_skew_seconds = -6; }},
      {"table", fail, "it exists in the schema other", "--schema other", false,
       [](auto& f) {
         f.table.reset();
         f.schemas_with_table = {"other"};
       }},
      {"replica_identity", fail, "no primary key", "ADD PRIMARY KEY (id);", false,
       [](auto& f) { f.table->primary_key.clear(); }},
      {"replica_identity", fail, "NOTHING", "REPLICA IDENTITY DEFAULT;", false,
       [](auto& f) { f.table->replica_identity = 'n'; }},
      {"replica_identity", fail, "the index on code, without id", "REPLICA IDENTITY DEFAULT;",
       false,
       [](auto& f) {
         f.table->replica_identity = 'i';
         f.table->identity_index = {"code"};
       }},
      {"replica_identity", fail, "the index on code, without id", "REPLICA IDENTITY FULL;", false,
       [](auto& f) {
         f.table->replica_identity = 'i';
         f.table->identity_index = f.table->primary_key = {"code"};
       }},
      {"replica_identity", fail, "the primary key code, without id", "REPLICA IDENTITY FULL;",
       false, [](auto& f) { f.table->primary_key = {"code"}; }},
      {"replica_identity", warn, "the primary key id, status: a change of status is told as",
       "REPLICA IDENTITY USING INDEX walpulse_id;", false,
       [](auto& f) {
         f.table->primary_key = {"id", "status"};
       }},
      {"replica_identity", warn, "the index on status, id: a change of status is told as",
       "CREATE UNIQUE INDEX walpulse_id ON \"public\".\"pipeline_run\" (id);", false,
       [](auto& f) {
         f.table->replica_identity = 'i';
         f.table->identity_index = {"status", "id"};
         f.table->primary_key = {"code"};
       }},
      {"replica_identity", warn, "FULL, of the key id, status: a change of status is told as",
       "REPLICA IDENTITY USING INDEX walpulse_id;", false,
       [](auto& f) {
         f.table->replica_identity = 'f';
         f.table->primary_key = {"id", "status"};
       }},
      {"row_security", warn, "policies hide rows of the table from cap",
       "ALTER ROLE \"cap\" WITH BYPASSRLS;", false, [](auto& f) { f.role.row_security = true; }},
      {"row_security", warn, "policies hide rows", "GRANT \"mage\" TO \"cap\";", false,
       [](auto& f) { f.role.row_security = f.server.cloud_sql = true; }},
      {"columns", warn, "created_at, completed_at: times without a zone", "", false,
       [](auto& f) {
         f.column_types[1].type = f.column_types[4].type = "timestamp without time zone";
       }},
      {"columns", fail, "for the types of created_at (date, not timestamp with time zone)",
       "ALTER TABLE \"public\".\"pipeline_run\" ALTER COLUMN \"created_at\" TYPE timestamp with "
       "time zone USING \"created_at\"::timestamp with time zone;",
       false,
       [](auto& f) {
         f.column_types[1] = {"created_at", "date", 'D'};
       }},
      {"columns", fail, "id (numeric, not bigint), passed_sla (text, not boolean)",
       "ALTER COLUMN \"passed_sla\" TYPE boolean USING \"passed_sla\"::boolean;", false,
       [](auto& f) {
         f.column_types[0].type = "numeric";
         f.column_types[5] = {"passed_sla", "text", 'S'};
       }},
      {"columns", fail, "id (numeric, not bigint)", "ALTER TABLE \"archive\".\"pr2\" ALTER COLUMN",
       false,
       [](auto& f) {
         f.column_types[0].type = "numeric";
         f.table->schema = "archive";
         f.table->name = "pr2";
       }},
      {"columns", fail, "there is no column status", "", false,
       [](auto& f) { f.column_types.erase(f.column_types.begin() + 3); }},
      {"replica_identity", warn, "FULL", "REPLICA IDENTITY DEFAULT;", false,
       [](auto& f) { f.table->replica_identity = 'f'; }},
      {"select", warn, "may not read the table",
       "GRANT SELECT ON \"public\".\"pipeline_run\" TO \"cap\";", false,
       [](auto& f) { f.role.table_select = false; }},
      {"monitor", warn, "cannot see", "GRANT pg_monitor TO \"cap\";", false,
       [](auto& f) { f.role.monitor = false; }},
      {"publication", fail, "there is no publication walpulse",
       "walpulse-connector recover --admin-dsn 'dbname=mage user=mage' --to SINK", false,
       [](auto& f) { f.publication.reset(); }},
      {"publication", fail, "there is no publication walpulse",
       "walpulse-connector setup --admin-dsn 'dbname=mage user=mage'", false,
       [](auto& f) {
         f.publication.reset();
         f.slot.reset();
       }},
      {"publication", fail, "FOR ALL TABLES", "walpulse-connector recover", false,
       [](auto& f) { f.publication->all_tables = true; }},
      {"publication", fail, "FOR ALL TABLES",
       "psql 'dbname=mage user=mage' -c 'DROP PUBLICATION \"walpulse\"' && walpulse-connector "
       "setup",
       false,
       [](auto& f) {
         f.publication->all_tables = true;
         f.publication->comment.reset();
         f.slot.reset();
       }},
      {"publication", fail, "does not publish", "walpulse-connector recover", false,
       [](auto& f) { f.publication->publishes_table = false; }},
      {"publication", fail, "where it is somebody else's, take another one by --publication",
       "ALTER PUBLICATION \"walpulse\" SET TABLE \"public\".\"pipeline_run\";", false,
       [](auto& f) {
         f.publication->publishes_table = false;
         f.publication->comment.reset();
       }},
      {"publication", warn, "other tables too", "walpulse-connector recover", false,
       [](auto& f) { f.publication->other_relations = 2; }},
      {"operations", fail, "publishes insert, update, truncate only", "walpulse-connector recover",
       false, [](auto& f) { f.publication->deletes = false; }},
      {"operations", fail, "publishes insert, update, truncate only",
       "SET (publish = 'insert, update, delete, truncate');", false,
       [](auto& f) {
         f.publication->deletes = false;
         f.publication->comment.reset();
       }},
      {"row_filter", fail, "(id > 3)", "SET TABLE \"public\".\"pipeline_run\";", false,
       [](auto& f) {
         f.publication->row_filter = "(id > 3)";
         f.publication->comment.reset();
       }},
      {"column_list", warn, "only id, status are published", "walpulse-connector recover", false,
       [](auto& f) {
         f.publication->column_list = {"id", "status"};
       }},
      {"column_list", fail, "under REPLICA IDENTITY FULL the server refuses Mage's updates",
       "walpulse-connector recover", false,
       [](auto& f) {
         f.publication->column_list = {"id", "status"};
         f.table->replica_identity = 'f';
       }},
      {"identity", fail, "a comment that is not walpulse's",
       "psql 'dbname=mage user=mage' -c 'COMMENT ON PUBLICATION \"walpulse\" IS NULL' && "
       "walpulse-connector setup",
       false, [](auto& f) { f.publication->comment = "mine"; }},
      {"identity", fail, "no comment of walpulse's", "walpulse-connector setup", false,
       [](auto& f) { f.publication->comment.reset(); }},
      {"identity", fail, "a gap: the publication was set up on another system", "recover", false,
       [](auto& f) { f.server.system_identifier = 78; }},
      {"identity", fail, "of a newer walpulse", "update walpulse-connector", false,
       [](auto& f) { f.publication->comment = R"({"walpulse":3})"; }},
      {"identity", fail, "was set up for \"public\".\"block_run\"",
       "walpulse-connector doctor --schema public --table block_run", false,
       [](auto& f) {
         f.publication->comment = to_comment(
             {"mage", 1763600000, 77, Xid{771}, {{{"public", "block_run"}, Oid{5}, Oid{16500}}}});
       }},
      {"identity", fail, "a gap: the table was made anew", "recover", false,
       [](auto& f) { f.table->oid = Oid{1}; }},
      {"identity", fail, "a gap: the table left the publication", "recover", false,
       [](auto& f) { f.publication->relation = Oid{1}; }},
      {"identity", fail, "a gap: the publication was altered", "recover", false,
       [](auto& f) { f.publication->xmin = Xid{1}; }},
      {"identity", fail, "a gap: the publication has another owner since setup (mage)",
       "walpulse-connector recover", false,
       [](auto& f) { f.publication->xmin = f.publication->owner_xmin.emplace(Xid{900}); }},
      {"slot", fail, "a gap: the slot walpulse does not exist", "recover", false,
       [](auto& f) { f.slot.reset(); }},
      {"slot", fail, "the slot walpulse does not exist", "walpulse-connector setup", false,
       [](auto& f) {
         f.slot.reset();
         f.publication->comment.reset();
       }},
      {"table", fail, "is partitioned", "--table", false, [](auto& f) { f.table->kind = 'p'; }},
      {"slot", fail, "a gap: the slot walpulse is lost", "recover", false,
       [](auto& f) { f.slot->wal_status = "lost"; }},
      {"slot", fail, "belongs to the database other",
       "recover --admin-dsn 'dbname=mage user=mage' --slot walpulse_2 --to SINK", false,
       [](auto& f) { f.slot->database = "other"; }},
      {"slot", fail, "two-phase",
       "psql dbname=mage -c \"SELECT pg_catalog.pg_drop_replication_slot('walpulse');\" && "
       "walpulse-connector recover",
       false, [](auto& f) { f.slot->two_phase = true; }},
      {"slot", warn, "its WAL goes at the next checkpoint", "walpulse-connector run --to SINK",
       false, [](auto& f) { f.slot->wal_status = "unreserved"; }},
      {"sink", fail, "no such topic", "", false,
       [](auto& f) {
         f.sink = "pubsub://p/t";
         f.sink_error = Error{ErrorKind::denied, "no such topic"};
       }},
  };
  for (const auto& sickness : sicknesses) {
    DoctorFacts facts = healthy();
    sickness.infect(facts);
    const auto checks = check_all(facts);
    const auto check = find(checks, sickness.check);
    SCOPED_TRACE(check.name + ": " + check.finding);
    EXPECT_EQ(check.level, sickness.level);
    EXPECT_THAT(check.finding, HasSubstr(sickness.finding));
    EXPECT_THAT(check.remedy, HasSubstr(sickness.remedy));
    EXPECT_EQ(check.restart, sickness.restart);
    EXPECT_FALSE(std::regex_search(check.remedy, std::regex("[^.]\\bpg_[a-z_]+\\(")))
        << "who runs it may have another schema in the path: " << check.remedy;
    if (sickness.level == Level::fail) {
      EXPECT_EQ(doctor::exit_code(checks), 1);
    }
  }
}

/// On 17, with a slot that standbys keep.
DoctorFacts primary17() {
  auto facts = healthy();
  facts.server.version_num = 170010;
  facts.slot->failover = true;
  facts.failover = FailoverFacts{};
  return facts;
}

DoctorFacts standby17() {
  auto facts = primary17();
  facts.server.in_recovery = true;
  facts.slot->synced = true;
  facts.failover = FailoverFacts{true, true, "standby", {}, {}};
  return facts;
}

TEST(DoctorChecks, From17OnTellsWhatBecomesOfTheSlotInAFailover) {
  EXPECT_EQ(find(check_all(primary17()), "failover").level, Level::ok);
  EXPECT_EQ(find(check_all(standby17()), "failover").level, Level::ok);
  struct Case {
    Level level;
    const char* finding;
    const char* remedy;
    DoctorFacts facts;
    std::function<void(DoctorFacts&)> infect;
  };
  const Case cases[] = {
      {Level::warn, "made without FAILOVER", "ALTER_REPLICATION_SLOT \"walpulse\" (FAILOVER true)",
       primary17(), [](auto& f) { f.slot->failover = false; }},
      {Level::warn, "synchronized_standby_slots is empty", "synchronized_standby_slots = 'a, b'",
       primary17(),
       [](auto& f) {
         f.failover->streaming_slots = {"a", "b"};
       }},
      {Level::ok, "waits for a", "", primary17(),
       [](auto& f) { f.failover->awaited_slots = f.failover->streaming_slots = {"a"}; }},
      {Level::fail, "capture stands still: synchronized_standby_slots names b",
       "synchronized_standby_slots = 'a'", primary17(),
       [](auto& f) {
         f.failover->awaited_slots = {"a", "b"};
         f.failover->streaming_slots = {"a"};
       }},
      {Level::warn, "sync_replication_slots is off", "sync_replication_slots = 'on'", standby17(),
       [](auto& f) { f.failover->slots_synchronized = false; }},
      {Level::warn, "hot_standby_feedback is off", "hot_standby_feedback = 'on'", standby17(),
       [](auto& f) { f.failover->standby_feedback = false; }},
      {Level::warn, "primary_slot_name is empty", "primary_slot_name = 'standby'", standby17(),
       [](auto& f) { f.failover->primary_slot.clear(); }},
      {Level::warn, "no synchronized slot walpulse", "dbname=mage", standby17(),
       [](auto& f) { f.slot.reset(); }},
  };
  for (const auto& one : cases) {
    auto facts = one.facts;
    one.infect(facts);
    const auto check = find(check_all(facts), "failover");
    SCOPED_TRACE(check.finding);
    EXPECT_EQ(check.level, one.level);
    EXPECT_THAT(check.finding, HasSubstr(one.finding));
    EXPECT_THAT(check.remedy, HasSubstr(one.remedy));
  }
}

TEST(DoctorChecks, AnOwnerWhoKnowsBetterIsToldWhatToSay) {
  auto facts = healthy();
  facts.publication->xmin = facts.publication->owner_xmin.emplace(Xid{900});
  const auto check = find(check_all(facts), "identity");
  EXPECT_THAT(check.otherwise,
              ::testing::StartsWith("COMMENT ON PUBLICATION \"walpulse\" IS '{\"walpulse\":1"));
  EXPECT_THAT(check.otherwise, HasSubstr("\"publication_xmin\":900"));
}

TEST(DoctorChecks, ACommandRepeatsTheOptionsInForceAndNoPassword) {
  auto facts = healthy();
  facts.source.dsn = "postgresql://cap:hunter2@10.0.0.5:6432/mage";
  facts.source.slot = "mine";
  facts.window.time = std::chrono::hours(12);
  facts.to = "https://h/push?token=hunter2";
  facts.slot.reset();
  EXPECT_EQ(find(check_all(facts), "slot").remedy,
            "walpulse-connector recover --dsn 'host=10.0.0.5 port=6432 dbname=mage user=cap' "
            "--admin-dsn 'host=10.0.0.5 port=6432 dbname=mage user=mage' --slot mine "
            "--replay-window 12h --to 'https://h/push?QUERY'");
  facts.publication->comment.reset();
  facts.source.admin_dsn = "host=10.0.0.5 dbname=mage user=boss password=hunter2";
  EXPECT_EQ(find(check_all(facts), "slot").remedy,
            "walpulse-connector setup --dsn 'host=10.0.0.5 port=6432 dbname=mage user=cap' "
            "--admin-dsn 'host=10.0.0.5 dbname=mage user=boss' --slot mine --replay-window 12h");
}

TEST(DoctorChecks, AStatementSaysWhoMayRunIt) {
  auto facts = healthy();
  facts.role.monitor = facts.role.table_select = false;
  const auto checks = check_all(facts);
  EXPECT_EQ(find(checks, "monitor").as, "a superuser");
  EXPECT_EQ(find(checks, "select").as, "mage");
}

TEST(DoctorChecks, WhatIsAsItShouldBeIsNotToldTwice) {
  for (const Check& check : check_all(healthy())) {
    for (const char* silent :
         {"output_plugin", "encoding", "row_filter", "column_list", "operations", "row_security",
          "sender_timeout", "idle_timeout", "primary", "clock"})
      EXPECT_NE(check.name, silent);
  }
}

TEST(DoctorChecks, AServerThatRefusesThisRoleIsToldFromOneThatIsAway) {
  DoctorFacts facts;
  facts.source.dsn = "host=10.0.0.5 dbname=mage user=cap";
  facts.connection_error = Error{ErrorKind::unavailable, "cannot connect"};
  const auto check = [&](database::Answer answer) {
    facts.answer = answer;
    return find(check_all(facts), "connection");
  };
  EXPECT_EQ(check(database::Answer::none).remedy,
            "walpulse-connector doctor --dsn 'host=HOST dbname=mage user=cap'");
  EXPECT_EQ(check(database::Answer::nobody).remedy, "");
  EXPECT_EQ(
      check(database::Answer::server).remedy,
      "walpulse-connector setup --dsn 'host=10.0.0.5 dbname=mage user=cap' --print-sql > "
      "capture-role.sql && psql 'host=10.0.0.5 dbname=mage user=postgres' -f capture-role.sql");
  EXPECT_THAT(check(database::Answer::server).finding,
              HasSubstr("10.0.0.5:5432:mage:cap:PASSWORD"));
}

TEST(DoctorChecks, AWrongDatabaseIsToldFromAWrongRole) {
  DoctorFacts facts;
  facts.source.dsn = "host=10.0.0.5 dbname=magee user=cap";
  facts.connection_error = Error{ErrorKind::unavailable, "cannot connect"};
  facts.answer = database::Answer::server;
  facts.databases = {"billing", "mage", "postgres"};
  const Check wrong = find(check_all(facts), "connection");
  EXPECT_THAT(wrong.finding, HasSubstr("this server has mage, billing, postgres"));
  EXPECT_EQ(wrong.remedy, "walpulse-connector doctor --dsn 'host=10.0.0.5 dbname=mage user=cap'");
  facts.source.dsn = "host=10.0.0.5 dbname=mage user=cap";  // which is there: another reason
  EXPECT_THAT(find(check_all(facts), "connection").remedy, HasSubstr("--print-sql"));
}

TEST(DoctorChecks, ADatabaseWithoutMagesTablesNamesTheOthers) {
  auto facts = healthy();
  facts.source.dsn = "host=10.0.0.5 dbname=mage user=cap";
  facts.table.reset();
  const Check alone = find(check_all(facts), "table");
  EXPECT_THAT(alone.finding, HasSubstr("nor in another schema of mage; Mage makes it at its first "
                                       "start"));
  EXPECT_EQ(alone.remedy, "");
  facts.databases = {"mage", "mage_prod", "postgres"};
  const Check with_others = find(check_all(facts), "table");
  EXPECT_THAT(with_others.finding, HasSubstr("This server also has mage_prod, postgres"));
  EXPECT_THAT(with_others.remedy, HasSubstr("dbname=mage_prod user=cap"));
}

TEST(DoctorChecks, AMonitorThatIsNotThereIsToBeStarted) {
  auto facts = healthy();
  facts.sink = facts.to = "http://127.0.0.1:8080/push";
  facts.sink_error = Error{ErrorKind::unavailable, "refused"};
  EXPECT_EQ(find(check_all(facts), "sink").remedy, "walpulse-monitor serve --http-port 8080");
  facts.sink_error->kind = ErrorKind::denied;  // somebody is there
  EXPECT_EQ(find(check_all(facts), "sink").remedy, "");
  facts.to = "https://walpulse.example.com/push";
  facts.sink_error->kind = ErrorKind::unavailable;
  EXPECT_EQ(find(check_all(facts), "sink").remedy, "");
}

TEST(DoctorChecks, AStreamingConnectorHoldsItsOwnWalsender) {
  auto facts = healthy();
  facts.server.wal_senders_used = 10;
  facts.slot->active = true;
  EXPECT_EQ(find(check_all(facts), "free_senders").level, Level::ok);
}

TEST(DoctorChecks, AnUnreachableServerIsOneFailureAndTheSinkIsStillAsked) {
  DoctorFacts facts;
  facts.connection_error = Error{ErrorKind::unavailable, "cannot connect: refused"};
  facts.sink = "stdout";
  const auto checks = check_all(facts);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].level, Level::fail);
  EXPECT_EQ(checks[1].level, Level::ok);
}

TEST(DoctorChecks, FromPostgres19OnTheFirstSlotOfAPrimaryMakesReplicaLogical) {
  auto facts = healthy();
  facts.server.version_num = 190000;
  facts.server.wal_level = "replica";
  EXPECT_EQ(find(check_all(facts), "wal_level").level, Level::ok);
  facts.server.in_recovery = true;
  EXPECT_EQ(find(check_all(facts), "wal_level").level, Level::fail);
  facts.server.wal_level = "logical";
  EXPECT_EQ(find(check_all(facts), "wal_level").level, Level::ok);
}

TEST(DoctorChecks, TheTextSaysWhetherARestartIsNeeded) {
  auto facts = healthy();
  facts.server.wal_level = "replica";
  const auto text = doctor::text(check_all(facts));
  EXPECT_THAT(text, HasSubstr("FAIL  wal_level"));
  EXPECT_THAT(text, HasSubstr("      restart: needed\n"));
  EXPECT_THAT(text, HasSubstr("1 failed, 0 warnings, "));
}

TEST(DoctorChecks, TheJsonHoldsEveryCheck) {
  const auto checks = check_all(healthy());
  const auto json = nlohmann::json::parse(doctor::json(checks));
  EXPECT_EQ(json["failed"], 0);
  EXPECT_EQ(json["checks"].size(), checks.size());
  EXPECT_EQ(json["checks"][1]["name"], "wal_level");
  EXPECT_EQ(json["checks"][1]["level"], "ok");
}

TEST(Doctor, ALoginByTokenThatFailsIsOneCheckWithItsCureAndTheServerIsNotAsked) {
  DoctorFacts facts = healthy();
  facts.login = fail(ErrorKind::denied, "no token", "attach a service account");
  const auto checks = check_all(facts);
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].name, "login");
  EXPECT_EQ(checks[0].level, Level::fail);
  EXPECT_EQ(checks[0].finding, "no token");
  EXPECT_EQ(checks[0].remedy, "attach a service account");
  EXPECT_EQ(doctor::exit_code(checks), 1);
}

TEST(Doctor, AServerThatRefusesATokenNamesFlagUserAndRole) {
  DoctorFacts facts = healthy();
  facts.login = std::string("the attached service account");
  facts.connection_error = Error{ErrorKind::denied, "password authentication failed"};
  const auto checks = check_all(facts);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].level, Level::ok);
  for (const char* part : {"cloudsql.iam_authentication=on", "roles/cloudsql.instanceUser",
                           "cloud_iam_service_account"})
    EXPECT_THAT(checks[1].remedy, HasSubstr(part));
  facts.login_scope_error = Error{ErrorKind::denied, "tokens lack the scope x", "--scopes=y"};
  EXPECT_EQ(check_all(facts)[0].remedy, "--scopes=y");
}

/// Whoever lacks what a stream needs is told that, and not of the stream as well.
TEST(Doctor, OfAStreamThatCannotBeTheCauseIsToldAlone) {
  const auto has = [](const DoctorFacts& facts, const std::string& name) {
    const auto checks = check_all(facts);
    return std::any_of(checks.begin(), checks.end(), [&](const Check& check) {
      return check.name == name && check.level == Level::fail;
    });
  };
  DoctorFacts no_role = healthy();
  no_role.stream_error = refused("permission denied to start WAL sender");
  EXPECT_TRUE(has(no_role, "stream"));
  no_role.role.replication = false;
  EXPECT_TRUE(has(no_role, "role"));
  EXPECT_FALSE(has(no_role, "stream"));
  DoctorFacts no_sender = healthy();
  no_sender.stream_error =
      refused("number of requested standby connections exceeds max_wal_senders");
  no_sender.server.wal_senders_used = no_sender.server.wal_senders_max;
  no_sender.slot.reset();
  EXPECT_TRUE(has(no_sender, "free_senders"));
  EXPECT_FALSE(has(no_sender, "stream"));
}

}  // namespace
}  // namespace walpulse::connector
