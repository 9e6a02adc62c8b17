#include "connector/command/setup_plan.h"

#include "connector/catalog/slot_wait.h"
#include "publisher/database/sql_quote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A server on which setup has never run and may.
SetupFacts fresh() {
  SetupFacts facts;
  facts.server.system_identifier = 77;
  facts.server.database = "mage";
  facts.server.wal_level = "logical";
  facts.server.replication_slots_max = 10;
  facts.server.slot_keep_bytes_max = 1 << 30;
  facts.admin_server = facts.server;
  facts.capture = {"cap", false, true, false, true, true, true, false};
  facts.admin = {"mage", false, false, true, false, true, true, true};
  facts.table = TableFacts{};
  facts.table->oid = Oid{16412};
  facts.table->schema = "public";
  facts.table->name = "pipeline_run";
  facts.table->owner = "mage";
  return facts;
}

PublicationFacts exact_publication() {
  PublicationFacts publication;
  publication.owner = "mage";
  publication.owned = true;
  publication.inserts = publication.updates = publication.deletes = publication.truncates = true;
  publication.relation = Oid{16500};
  publication.publishes_table = true;
  return publication;
}

SlotState good_slot() {
  SlotState slot;
  slot.plugin = "pgoutput";
  slot.database = "mage";
  slot.wal_status = "reserved";
  slot.confirmed_flush_lsn = Lsn{0x1000};
  return slot;
}

SetupFacts complete() {
  SetupFacts facts = fresh();
  facts.publication = exact_publication();
  facts.publication->comment = to_comment(
      {"mage", 1763600000, 77, Xid{771}, {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}}});
  facts.slot = good_slot();
  facts.anchor = good_slot();
  return facts;
}

TEST(SetupPlan, TheFirstTimeMakesPublicationSlotAndComment) {
  const auto plan = plan_setup({}, fresh());
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.create_publication);
  EXPECT_TRUE(plan.create_slot);
  EXPECT_TRUE(plan.create_anchor);
  EXPECT_FALSE(plan.drop_anchor);
  EXPECT_TRUE(plan.write_comment);
  EXPECT_THAT(plan.notes, IsEmpty());
}

TEST(SetupPlan, TheSecondTimeChangesNothing) {
  const auto plan = plan_setup({}, complete());
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.nothing());
  EXPECT_EQ(plan.found.size(), 4u);
}

TEST(SetupPlan, AnAnchorThatIsMissingOrLostIsMadeWhileCaptureRuns) {
  auto facts = complete();
  facts.slot->active = true;
  facts.anchor.reset();
  auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.create_anchor && !plan.drop_anchor && !plan.create_slot && !plan.write_comment);
  facts.anchor = good_slot();
  facts.anchor->wal_status = "lost";
  plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.create_anchor && plan.drop_anchor && !plan.create_slot);
  EXPECT_THAT(plan.notes.back(), HasSubstr("was lost"));
}

TEST(SetupPlan, AnAnchorOfAnEarlierSlotIsMadeAnewWithTheSlot) {
  auto facts = fresh();
  facts.anchor = good_slot();
  const auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.create_slot && plan.create_anchor && plan.drop_anchor);
}

TEST(SetupPlan, WithoutAReplayWindowThereIsNoAnchorAndOneThatExistsIsNamed) {
  const ReplayWindow none{std::chrono::milliseconds(0), 1};
  EXPECT_FALSE(plan_setup({}, fresh(), none).create_anchor);
  auto facts = complete();
  facts.anchor->plugin = "whatever";
  facts.anchor->retained_bytes = 1 << 20;
  const auto plan = plan_setup({}, facts, none);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.nothing());
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_THAT(plan.notes.front(), HasSubstr("keeps 1.0 MiB of WAL"));
  EXPECT_THAT(plan.notes.front(), HasSubstr("pg_drop_replication_slot('walpulse_anchor');"));
}

TEST(SetupPlan, ARunningConnectorDoesNotHinderTheSecondTime) {
  auto facts = complete();
  facts.slot->active = true;
  EXPECT_FALSE(plan_setup({}, facts).refusal.has_value());
}

TEST(SetupPlan, AnInterruptedSetupIsFinished) {
  auto facts = complete();
  facts.publication->comment.reset();
  auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(!plan.create_publication && !plan.create_slot && plan.write_comment);
  facts.slot.reset();
  plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(!plan.create_publication && plan.create_slot && plan.write_comment);
  EXPECT_THAT(plan.found.front(), HasSubstr("adopted"));
}

struct Obstacle {
  const char* words;
  int exit_code;
  std::function<void(SetupFacts&)> put;
  bool set_up = false;
};

TEST(SetupPlan, RefusesBeforeItTouchesAnything) {
  const Obstacle obstacles[] = {
      {"wal_level is replica", 1, [](auto& f) { f.server.wal_level = "replica"; }},
      {"waits for a restart; restart the server, then run: walpulse-connector setup", 1,
       [](auto& f) {
         f.server.wal_level = "replica";
         f.server.awaiting_restart = {"wal_level"};
       }},
      {"ALTER ROLE \"cap\" WITH REPLICATION;", 1, [](auto& f) { f.capture.replication = false; }},
      {"standby", 1, [](auto& f) { f.server.in_recovery = true; }},
      {"different databases", 1, [](auto& f) { f.admin_server.database = "other"; }},
      {"different databases", 1, [](auto& f) { f.admin_server.system_identifier = 1; }},
      {"--schema other", 1,
       [](auto& f) {
         f.table.reset();
         f.schemas_with_table = {"other"};
       }},
      {"is partitioned", 1, [](auto& f) { f.table->kind = 'p'; }},
      {"walpulse-connector setup --admin-dsn 'dbname=mage user=mage'", 1,
       [](auto& f) { f.admin.table_owner = false; }},
      {"GRANT CREATE ON DATABASE \"mage\"", 1, [](auto& f) { f.admin.create_on_database = false; }},
      {"of 10 replication slots 10 are in use, and 2 more needed", 1,
       [](auto& f) { f.server.replication_slots_used = 10; }},
      {"--replay-window 0 does without", 1, [](auto& f) { f.server.replication_slots_used = 9; }},
      {"pg_drop_replication_slot('walpulse_anchor');", 1,
       [](auto& f) {
         f.anchor = good_slot();
         f.anchor->database = "other";
       }},
      {"written before it and could never be decoded", 1, [](auto& f) { f.slot = good_slot(); }},
      {"COMMENT ON PUBLICATION \"walpulse\" IS NULL;", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.publication->comment = "somebody else's note";
       }},
      {"cannot be adopted: it publishes all tables", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.publication->all_tables = true;
       }},
      {"cannot be adopted: it publishes other tables too", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.publication->other_relations = 1;
       }},
      {"cannot be adopted: it does not publish every operation", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.publication->deletes = false;
       }},
      {"cannot be adopted: it has a row filter", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.publication->row_filter = "(id > 3)";
       }},
      {"walpulse-connector setup --admin-dsn 'dbname=mage user=boss'", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.publication->owned = false;
         f.publication->owner = "boss";
       }},
      {"in use by another program", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.slot = good_slot();
         f.slot->active = true;
       }},
      {"is not a pgoutput slot", 1,
       [](auto& f) {
         f.publication = exact_publication();
         f.slot = good_slot();
         f.slot->plugin = "test_decoding";
       }},
      {"two-phase", 1, [](auto& f) { f.slot->two_phase = true; }, true},
      {"belongs to the database other", 1, [](auto& f) { f.slot->database = "other"; }, true},
      {"the slot walpulse does not exist", 3, [](auto& f) { f.slot.reset(); }, true},
      {"is lost", 3, [](auto& f) { f.slot->wal_status = "lost"; }, true},
      {"another system", 3,
       [](auto& f) { f.server.system_identifier = f.admin_server.system_identifier = 5; }, true},
      {"was made anew", 3, [](auto& f) { f.table->oid = Oid{5}; }, true},
      {"of a newer walpulse", 1, [](auto& f) { f.publication->comment = R"({"walpulse":3})"; },
       true},
      {"was set up for \"public\".\"block_run\"", 1,
       [](auto& f) {
         f.publication->comment = to_comment(
             {"mage", 1763600000, 77, Xid{771}, {{{"public", "block_run"}, Oid{5}, Oid{16500}}}});
       },
       true},
      {"does not publish the table", 3, [](auto& f) { f.publication->relation.reset(); }, true},
  };
  for (const auto& obstacle : obstacles) {
    auto facts = obstacle.set_up ? complete() : fresh();
    obstacle.put(facts);
    const auto plan = plan_setup({}, facts);
    ASSERT_TRUE(plan.refusal.has_value()) << obstacle.words;
    EXPECT_THAT(to_string(plan.refusal->error), HasSubstr(obstacle.words));
    EXPECT_EQ(plan.refusal->exit_code, obstacle.exit_code) << obstacle.words;
    EXPECT_TRUE(plan.nothing());
    if (obstacle.exit_code == 3) {
      EXPECT_THAT(
          plan.refusal->error.remedy,
          HasSubstr("walpulse-connector recover --admin-dsn 'dbname=mage user=mage' --to "));
    }
  }
}

Capture capture_of(std::uint32_t table, const std::string& name, const std::string& publication) {
  return {publication,
          {name, 1763600000, 77, Xid{771}, {{{"public", "pipeline_run"}, Oid{table}, Oid{16501}}}}};
}

TEST(SetupPlan, RefusesASecondCaptureOfTheTableUnderTheSameName) {
  auto facts = fresh();
  facts.captures = {capture_of(16412, "mage", "first")};
  const auto by_default = plan_setup({}, facts);
  ASSERT_TRUE(by_default.refusal.has_value());
  EXPECT_THAT(by_default.refusal->error.message, HasSubstr("the publication first captures"));
  EXPECT_THAT(by_default.refusal->error.remedy, HasSubstr("--name"));
  EXPECT_TRUE(by_default.nothing());
  SourceOptions source;
  source.name = "mage";
  EXPECT_TRUE(plan_setup(source, facts).refusal.has_value()) << "by hand";
  facts.captures = {capture_of(0, "mage", "first")};
  facts.captures.front().identity.system_identifier = 0;
  EXPECT_TRUE(plan_setup({}, facts).refusal.has_value()) << "its recover did not get to its end";
}

TEST(SetupPlan, AnotherNameAnotherTableAndTheSamePublicationAreTaken) {
  auto facts = fresh();
  facts.captures = {capture_of(16412, "mage", "first")};
  SourceOptions source;
  source.name = "mage_2";
  EXPECT_FALSE(plan_setup(source, facts).refusal.has_value());
  facts.captures = {capture_of(5, "mage", "first")};
  EXPECT_FALSE(plan_setup({}, facts).refusal.has_value());
  facts = complete();
  facts.captures = {capture_of(16412, "mage", "walpulse"), capture_of(16412, "mage", "first")};
  EXPECT_FALSE(plan_setup({}, facts).refusal.has_value()) << "what is set up goes on";
}

TEST(SetupPlan, ANameThatIsNoPartOfAUriIsRefusedWhereverItComesFrom) {
  for (const char* name :
       {"my mage", "mage/prod", "100%", "what?", "mage#1", "a\\b", "tab\there"}) {
    auto facts = fresh();
    facts.server.database = facts.admin_server.database = name;
    const auto plan = plan_setup({}, facts);
    ASSERT_TRUE(plan.refusal.has_value()) << name;
    EXPECT_THAT(plan.refusal->error.remedy,
                ::testing::MatchesRegex("walpulse-connector setup --name [a-z0-9_]+"));
    SourceOptions source;
    source.name = "mage";
    EXPECT_FALSE(plan_setup(source, facts).refusal.has_value()) << name;
  }
  auto facts = fresh();
  facts.server.database = facts.admin_server.database =
      "donn\xC3\xA9"
      "es-1_x.y";
  EXPECT_FALSE(plan_setup({}, facts).refusal.has_value());
}

TEST(SetupPlan, MissingPrivilegesForSnapshotsAreNotesWithTheStatements) {
  auto facts = fresh();
  facts.capture.table_select = false;
  facts.capture.monitor = false;
  const auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value());
  ASSERT_EQ(plan.notes.size(), 2u);
  EXPECT_THAT(plan.notes[0], HasSubstr("GRANT SELECT ON \"public\".\"pipeline_run\" TO \"cap\";"));
  EXPECT_THAT(plan.notes[0], ::testing::Not(HasSubstr("USAGE")));
  EXPECT_THAT(plan.notes[1], HasSubstr("GRANT pg_monitor TO \"cap\";"));
}

TEST(SetupPlan, TheNameOfAnEpochIsNotChanged) {
  SourceOptions source;
  source.name = "other";
  const auto plan = plan_setup(source, complete());
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_THAT(plan.notes.front(), HasSubstr("the name stays mage"));
}

TEST(SetupPlan, TheEpochIsTheNextFullSecondAndAlwaysRises) {
  const Timestamp now{std::chrono::microseconds(1763600000'000001)};
  EXPECT_EQ(next_epoch(now, 0), 1763600001u);
  EXPECT_EQ(next_epoch(Timestamp{std::chrono::seconds(1763600000)}, 0), 1763600001u);
  EXPECT_EQ(next_epoch(now, 1763600001), 1763600002u);
  EXPECT_EQ(next_epoch(now, 1900000000), 1900000001u);
}

OtherTable other_table(const char* name, std::uint32_t oid) {
  OtherTable other;
  other.name = {"public", name};
  other.table = TableFacts{};
  other.table->oid = Oid{oid};
  other.table->schema = "public";
  other.table->name = name;
  other.table->owner = "mage";
  other.table->primary_key = {"id"};
  other.capture = fresh().capture;
  other.admin = fresh().admin;
  return other;
}

void publish(SetupFacts& facts, OtherTable& other, std::uint32_t relation) {
  other.publication = facts.publication;
  other.publication->relation = Oid{relation};
  ++facts.publication->other_relations;
}

/// Three tables; as far as `captured` they are published and in the comment.
SetupFacts with_others(bool captured) {
  SetupFacts facts = complete();
  facts.others = {other_table("pipeline_schedule", 16413), other_table("block_run", 16414)};
  if (!captured) return facts;
  publish(facts, facts.others[0], 16501);
  publish(facts, facts.others[1], 16502);
  facts.publication->comment =
      to_comment({"mage",
                  1763600000,
                  77,
                  Xid{771},
                  {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}},
                   {{"public", "pipeline_schedule"}, Oid{16413}, Oid{16501}},
                   {{"public", "block_run"}, Oid{16414}, Oid{16502}}}});
  return facts;
}

TEST(SetupTables, ACaptureOfOneTableGrowsAndKeepsItsIdentity) {
  const auto plan = plan_setup({}, with_others(false));
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  ASSERT_EQ(plan.added.size(), 2u);
  EXPECT_EQ(plan.publish, plan.added);
  EXPECT_EQ(plan.added[1].called, "\"public\".\"block_run\"");
  EXPECT_EQ(plan.identity->epoch, 1763600000u);
  EXPECT_FALSE(plan.nothing() || plan.write_comment || plan.create_slot || plan.create_publication);
}

TEST(SetupTables, TheSecondTimeNothingIsLeft) {
  const auto plan = plan_setup({}, with_others(true));
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.nothing());
  EXPECT_THAT(plan.found,
              ::testing::Contains(HasSubstr("\"pipeline_schedule\", \"public\".\"block_run\"")));
}

TEST(SetupTables, OneThatIsPublishedAndInNoCommentIsOnlyWrittenDown) {
  auto facts = with_others(false);
  publish(facts, facts.others[1], 16502);
  const auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_EQ(plan.added.size(), 2u);
  ASSERT_EQ(plan.publish.size(), 1u);
  EXPECT_EQ(plan.publish[0].name.name, "pipeline_schedule");
}

TEST(SetupTables, TheFirstTimeAllThatExistArePublished) {
  auto facts = fresh();
  facts.others = {other_table("pipeline_schedule", 16413), other_table("block_run", 16414)};
  facts.others[1].table.reset();
  const auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_EQ(called_list(plan.tables),
            "\"public\".\"pipeline_run\", \"public\".\"pipeline_schedule\"");
  EXPECT_EQ(plan.added, plan.tables);
  EXPECT_TRUE(plan.publish.empty() && plan.create_publication);
}

TEST(SetupTables, WhatCannotBePublishedIsLeftOutAndSaid) {
  const std::pair<const char*, void (*)(SetupFacts&)> reasons[] = {
      {"partitioned", [](auto& f) { f.others[1].table->kind = 'p'; }},
      {"replica identity", [](auto& f) { f.others[1].table->primary_key.clear(); }},
      {"replica identity", [](auto& f) { f.others[1].table->replica_identity = 'n'; }},
      {"only its owner (dba) may publish it",
       [](auto& f) {
         f.others[1].table->owner = "dba";
         f.others[1].admin.table_owner = false;
       }},
      {"the publication blocks captures it under the same name",
       [](auto& f) {
         f.captures = {
             {"blocks", {"mage", 1, 77, Xid{1}, {{{"public", "block_run"}, Oid{16414}, Oid{1}}}}}};
       }},
  };
  for (const auto& [words, make] : reasons) {
    auto facts = with_others(false);
    make(facts);
    const auto plan = plan_setup({}, facts);
    ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
    EXPECT_EQ(plan.added.size(), 1u) << words;
    ASSERT_FALSE(plan.notes.empty()) << words;
    EXPECT_THAT(plan.notes.front(), HasSubstr(words));
    EXPECT_THAT(plan.notes.front(), HasSubstr("block_run"));
  }
}

TEST(SetupTables, WhoMayNotAlterThePublicationAddsNothing) {
  auto facts = with_others(false);
  facts.publication->owned = false;
  const auto plan = plan_setup({}, facts);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_TRUE(plan.nothing());
  EXPECT_THAT(plan.notes.front(), HasSubstr("only its owner (mage) may add it"));
}

TEST(SetupTables, WhatBecameOfACapturedOneIsAGapThatNamesIt) {
  const std::pair<const char*, void (*)(SetupFacts&)> gaps[] = {
      {"there is no table \"public\".\"block_run\" any more",
       [](auto& f) { f.others[1].table.reset(); }},
      {"the table block_run was made anew", [](auto& f) { f.others[1].table->oid = Oid{1}; }},
      {"does not publish \"public\".\"block_run\"",
       [](auto& f) {
         f.others[1].publication->relation.reset();
         --f.publication->other_relations;
       }},
      {"a row filter for \"public\".\"block_run\"",
       [](auto& f) { f.others[1].publication->row_filter = "(id > 1)"; }},
      {"publishes other tables too", [](auto& f) { ++f.publication->other_relations; }},
  };
  for (const auto& [words, make] : gaps) {
    auto facts = with_others(true);
    make(facts);
    const auto plan = plan_setup({}, facts);
    ASSERT_TRUE(plan.refusal.has_value()) << words;
    EXPECT_EQ(plan.refusal->exit_code, 3);
    EXPECT_THAT(plan.refusal->error.message, HasSubstr(words));
  }
}

TEST(SetupTables, ASnapshotAtTheEndIsRefusedBeforeAnythingIsDoneWhereItMayNotRead) {
  auto facts = with_others(false);
  facts.others[1].capture.table_select = false;
  EXPECT_FALSE(plan_setup({}, facts).refusal.has_value());
  facts.given.to = "pubsub://p/t";
  const auto plan = plan_setup({}, facts);
  ASSERT_TRUE(plan.refusal.has_value());
  EXPECT_THAT(plan.refusal->error.remedy,
              HasSubstr("GRANT SELECT ON \"public\".\"block_run\" TO \"cap\";"));
}

TEST(SetupSql, QuotesWhateverTheNamesHold) {
  SourceOptions source;
  source.publication = "my \"pub\"";
  source.tables = {{"Mage", "it's"}};
  EXPECT_EQ(create_publication_sql(source.publication, database::quote_tables(source.tables)),
            "CREATE PUBLICATION \"my \"\"pub\"\"\" FOR TABLE \"Mage\".\"it's\" "
            "WITH (publish = 'insert, update, delete, truncate')");
  EXPECT_THAT(setup_script({source}, std::chrono::seconds(30)),
              HasSubstr("(1, '\"Mage\".\"it''s\"', 'Mage', 'it''s')"));
  EXPECT_THAT(comment_sql(source, {"o'brien", 1, 2, Xid{5}, {{{"public", "t"}, Oid{3}, Oid{4}}}}),
              HasSubstr("\"name\":\"o''brien\""));
}

TEST(SetupSql, TheScriptMakesTheCommentLast) {
  const auto script = setup_script({}, std::chrono::seconds(30));
  const auto publication = script.find("CREATE PUBLICATION");
  const auto slot = script.find("pg_create_logical_replication_slot(''walpulse'', ''pgoutput''");
  const auto anchor = script.find(
      "SELECT pg_copy_logical_replication_slot(''walpulse'', ''walpulse_anchor'', false)");
  const auto comment = script.rfind("COMMENT ON PUBLICATION");
  ASSERT_NE(comment, std::string::npos);
  EXPECT_LT(publication, slot);
  EXPECT_LT(slot, anchor);
  EXPECT_LT(anchor, comment);
  EXPECT_THAT(script, HasSubstr("'name', current_database()"));
  EXPECT_THAT(script, HasSubstr("'schema', there.schema, 'name', there.name"));
}

TEST(SetupSql, TheScriptMakesASlotThatStandbysKeepWhereTheVersionCan) {
  EXPECT_THAT(setup_script({}, std::chrono::seconds(30)),
              HasSubstr("server_version_num')::int >= 170000\n  THEN ', failover => true' ELSE '' "
                        "END || ')'"));
}

TEST(SetupSql, TheScriptMakesNoAnchorWithoutAWindow) {
  const auto script =
      setup_script({{}, {std::chrono::milliseconds(0), 1}}, std::chrono::seconds(30));
  EXPECT_THAT(script, ::testing::Not(HasSubstr("pg_copy_logical_replication_slot")));
}

TEST(SetupSql, TheScriptRefusesASecondCaptureUnderTheSameName) {
  const auto script = setup_script({}, std::chrono::seconds(30));
  const auto refusal = script.find("another publication captures the table");
  ASSERT_NE(refusal, std::string::npos);
  EXPECT_LT(refusal, script.find("CREATE PUBLICATION"));
}

TEST(SetupSql, TheScriptLeavesAForeignCommentAlone) {
  const auto script = setup_script({}, std::chrono::seconds(30));
  const auto refusal = script.find("RAISE EXCEPTION 'the publication has a comment");
  ASSERT_NE(refusal, std::string::npos);
  EXPECT_LT(refusal, script.find("CREATE PUBLICATION"));
}

TEST(SetupSql, AWaitIsExplainedByTheTransactionsThatCauseIt) {
  const Error error =
      slot_timeout_error("walpulse", std::chrono::seconds(30),
                         {{4711, "mage", "scheduler", "mage", 12.4}, {{}, "mage", "gid1", "", {}}});
  EXPECT_THAT(error.message,
              HasSubstr("pid 4711 user=mage application=scheduler database=mage open for 12 s"));
  EXPECT_THAT(error.message, HasSubstr("the prepared transaction gid1"));
  EXPECT_THAT(error.remedy, HasSubstr("--slot-timeout"));
}

}  // namespace
}  // namespace walpulse::connector
