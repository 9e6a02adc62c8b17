#include "connector/recover/recover_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace walpulse::connector {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kEpoch = 1763600000;

SlotState good_slot() {
  SlotState slot;
  slot.plugin = "pgoutput";
  slot.database = "mage";
  slot.wal_status = "reserved";
  slot.confirmed_flush_lsn = Lsn{0x1000};
  slot.lag_bytes = 2048;
  return slot;
}

std::string comment(std::uint64_t system = 77) {
  return to_comment({"mage-prod",
                     kEpoch,
                     system,
                     Xid{771},
                     {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}}});
}

/// Capture is set up and nobody reads.
SetupFacts complete() {
  SetupFacts facts;
  facts.server.system_identifier = 77;
  facts.server.database = "mage";
  facts.server.wal_level = "logical";
  facts.server.replication_slots_max = 10;
  facts.server.replication_slots_used = 2;
  facts.admin_server = facts.server;
  facts.capture = {"cap", false, true, false, true, true, true, false};
  facts.admin = {"mage", false, false, true, false, true, true, true};
  facts.table = TableFacts{};
  facts.table->oid = Oid{16412};
  facts.table->schema = "public";
  facts.table->name = "pipeline_run";
  facts.table->owner = "mage";
  PublicationFacts publication;
  publication.owner = "mage";
  publication.owned = true;
  publication.xmin = Xid{771};
  publication.inserts = publication.updates = publication.deletes = publication.truncates = true;
  publication.relation = Oid{16500};
  publication.publishes_table = true;
  publication.comment = comment();
  facts.publication = publication;
  facts.slot = good_slot();
  facts.anchor = good_slot();
  return facts;
}

struct Gap {
  const char* words;
  std::function<void(SetupFacts&)> make;
};

TEST(RecoverPlan, EachGapIsNamedAndEverythingIsMadeAnew) {
  const Gap gaps[] = {
      {"there is no slot walpulse", [](auto& f) { f.slot.reset(); }},
      {"is lost", [](auto& f) { f.slot->wal_status = "lost"; }},
      {"there is no publication walpulse", [](auto& f) { f.publication.reset(); }},
      {"has no comment of walpulse's", [](auto& f) { f.publication->comment.reset(); }},
      {"does not publish every operation", [](auto& f) { f.publication->deletes = false; }},
      {"does not publish the table", [](auto& f) { f.publication->relation.reset(); }},
      {"added again", [](auto& f) { f.publication->relation = Oid{1}; }},
      {"was altered", [](auto& f) { f.publication->xmin = Xid{1}; }},
      {"has another owner",
       [](auto& f) { f.publication->xmin = f.publication->owner_xmin.emplace(Xid{900}); }},
      {"was made anew (oid 5 instead of 16412)", [](auto& f) { f.table->oid = Oid{5}; }},
      {"this is system 5, the publication was set up on system 77",
       [](auto& f) { f.server.system_identifier = f.admin_server.system_identifier = 5; }},
      {"an earlier recover did not get to its end",
       [](auto& f) { f.publication->comment = comment(0); }},
      {"restored from a backup or a disk snapshot", [](auto&) {}},
  };
  for (const auto& gap : gaps) {
    auto facts = complete();
    gap.make(facts);
    const auto plan = plan_recover({}, facts, {}, 0);
    ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
    EXPECT_THAT(plan.found, Contains(HasSubstr(gap.words)));
    EXPECT_EQ(plan.drop_slot, facts.slot.has_value()) << gap.words;
    EXPECT_TRUE(plan.drop_anchor && plan.create_anchor) << gap.words;
    EXPECT_EQ(plan.old.has_value(), plan.epoch_above == kEpoch) << gap.words;
    EXPECT_EQ(plan.source.name, plan.old ? "mage-prod" : "mage") << gap.words;
  }
}

struct Obstacle {
  const char* words;
  std::function<void(SetupFacts&)> put;
};

TEST(RecoverPlan, RefusesBeforeItTouchesAnything) {
  const Obstacle obstacles[] = {
      {"is in use by pid 4711", [](auto& f) { f.slot->active = true, f.slot->active_pid = 4711; }},
      {"walpulse_anchor is in use", [](auto& f) { f.anchor->active = true; }},
      {"standby", [](auto& f) { f.server.in_recovery = true; }},
      {"different databases", [](auto& f) { f.admin_server.database = "other"; }},
      {"there is no table", [](auto& f) { f.table.reset(); }},
      {"comment that is not walpulse's",
       [](auto& f) { f.publication->comment = "somebody else's"; }},
      {"of a newer walpulse", [](auto& f) { f.publication->comment = R"({"walpulse":3})"; }},
      {"was set up for \"public\".\"block_run\"",
       [](auto& f) {
         f.publication->comment = to_comment(
             {"mage", kEpoch, 77, Xid{771}, {{{"public", "block_run"}, Oid{5}, Oid{16500}}}});
       }},
      {"only its owner (mage)", [](auto& f) { f.publication->owned = false; }},
      {"may not make the publication", [](auto& f) { f.admin.table_owner = false; }},
      {"GRANT SELECT ON \"public\".\"pipeline_run\" TO \"cap\";",
       [](auto& f) { f.capture.table_select = false; }},
      {"belongs to the database other", [](auto& f) { f.slot->database = "other"; }},
      {"of 10 replication slots 8 belong to others, and recover needs 3",
       [](auto& f) { f.server.replication_slots_used = 10; }},
  };
  for (const auto& obstacle : obstacles) {
    auto facts = complete();
    obstacle.put(facts);
    const auto plan = plan_recover({}, facts, {}, 0);
    ASSERT_TRUE(plan.refusal.has_value()) << obstacle.words;
    EXPECT_THAT(to_string(plan.refusal->error), HasSubstr(obstacle.words));
  }
}

TEST(RecoverPlan, TheEpochRisesAboveWhatEitherTheCommentOrTheOperatorKnows) {
  auto facts = complete();
  EXPECT_EQ(plan_recover({}, facts, {}, kEpoch + 7).epoch_above, kEpoch + 7);
  EXPECT_EQ(plan_recover({}, facts, {}, 5).epoch_above, kEpoch);
  facts.publication.reset();
  EXPECT_EQ(plan_recover({}, facts, {}, 5).epoch_above, 5u);
  EXPECT_THAT(plan_recover({}, facts, {}, 0).notes, Contains(HasSubstr("--epoch-above N")));
}

TEST(RecoverPlan, ALostNameMustNotBecomeThatOfAnotherCapture) {
  auto facts = complete();
  facts.captures = {
      {"second",
       {"mage", kEpoch, 77, Xid{771}, {{{"public", "pipeline_run"}, Oid{16412}, Oid{16501}}}}}};
  EXPECT_FALSE(plan_recover({}, facts, {}, 0).refusal.has_value()) << "its comment tells its name";
  facts.publication.reset();
  const auto plan = plan_recover({}, facts, {}, 0);
  ASSERT_TRUE(plan.refusal.has_value());
  EXPECT_THAT(plan.refusal->error.remedy, HasSubstr("--name"));
}

TEST(RecoverPlan, TheNewEpochFollowsTheOldOneAndThoseThatItFollowed) {
  auto facts = complete();
  EXPECT_EQ(plan_recover({}, facts, {}, 0).follows, std::vector<std::uint64_t>{kEpoch});
  auto old = *parse_comment(comment());
  old.follows = {5, 6};
  facts.publication->comment = to_comment(old);
  const std::vector<std::uint64_t> all{5, 6, kEpoch};
  const auto plan = plan_recover({}, facts, {}, 0);
  EXPECT_EQ(plan.follows, all);
  EXPECT_EQ(provisional(plan, kEpoch + 9).follows, all) << "for the next attempt";
  facts.publication.reset();
  EXPECT_TRUE(plan_recover({}, facts, {}, 0).follows.empty());
  EXPECT_EQ(plan_recover({}, facts, {}, 7).follows, std::vector<std::uint64_t>{7})
      << "what the operator knows";
}

TEST(RecoverPlan, SaysWhatIsLostAndWhatIsRedone) {
  const auto text = explain(plan_recover({}, complete(), {}, 0), "pubsub://p/t");
  EXPECT_THAT(text, HasSubstr("up to 2.0 KiB of WAL in the slot walpulse is given up"));
  EXPECT_THAT(text, HasSubstr("the anchor walpulse_anchor cannot be replayed any more"));
  EXPECT_THAT(text, HasSubstr("epoch above 1763600000 (the old one)"));
  EXPECT_THAT(text, HasSubstr("a snapshot of \"public\".\"pipeline_run\" to pubsub://p/t"));
  const ReplayWindow none{std::chrono::milliseconds(0), 1};
  EXPECT_THAT(explain(plan_recover({}, complete(), none, 0), "x"),
              Not(HasSubstr("slot walpulse, anchor")));
}

TEST(RecoverPlan, AnUnfinishedOneLeavesACommentThatKeepsTheEpochAndFitsNoTable) {
  const auto plan = plan_recover({}, complete(), {}, 0);
  const auto again = parse_comment(to_comment(provisional(plan, kEpoch + 9)));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->epoch, kEpoch + 9);
  EXPECT_EQ(again->name, "mage-prod");
  EXPECT_TRUE(again->provisional());
  auto facts = complete();
  facts.publication->comment = to_comment(*again);
  const auto setup = plan_setup({}, facts);
  ASSERT_TRUE(setup.refusal.has_value());
  EXPECT_EQ(setup.refusal->exit_code, 3) << "a gap";
  EXPECT_EQ(plan_recover({}, facts, {}, 0).epoch_above, kEpoch + 9);
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
  other.publication = complete().publication;
  other.publication->relation = Oid{oid + 100};
  other.capture = complete().capture;
  other.admin = complete().admin;
  return other;
}

SetupFacts with_blocks() {
  SetupFacts facts = complete();
  facts.others = {other_table("block_run", 16414), other_table("pipeline_schedule", 16413)};
  facts.others[1].publication->relation.reset();
  facts.publication->other_relations = 1;
  facts.publication->comment = to_comment({"mage-prod",
                                           kEpoch,
                                           77,
                                           Xid{771},
                                           {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}},
                                            {{"public", "block_run"}, Oid{16414}, Oid{16514}}}});
  return facts;
}

TEST(RecoverTables, WhatWasCapturedIsCapturedAgainAndNoMore) {
  const auto plan = plan_recover({}, with_blocks(), {}, 0);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_EQ(called_list(plan.tables), "\"public\".\"pipeline_run\", \"public\".\"block_run\"");
  EXPECT_EQ(provisional(plan, 1).tables.size(), 2u);
  EXPECT_THAT(explain(plan, "SINK"), HasSubstr("a snapshot of \"public\".\"pipeline_run\", "));
}

TEST(RecoverTables, WithoutACommentThoseThatExistAndMayBeRead) {
  auto facts = with_blocks();
  facts.publication.reset();
  EXPECT_EQ(plan_recover({}, facts, {}, 0).tables.size(), 3u);
  facts.others[1].capture.table_select = false;
  const auto plan = plan_recover({}, facts, {}, 0);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_EQ(plan.tables.size(), 2u);
}

TEST(RecoverTables, OneThatIsGoneOrNotWantedIsLeftAndSaid) {
  auto facts = with_blocks();
  facts.others[0].table.reset();
  auto plan = plan_recover({}, facts, {}, 0);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  EXPECT_EQ(plan.tables.size(), 1u);
  EXPECT_THAT(plan.found,
              Contains(HasSubstr("there is no table \"public\".\"block_run\" any more")));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("it is gone")));
  SourceOptions source;
  source.no_blocks = true;
  plan = plan_recover(source, with_blocks(), {}, 0);
  EXPECT_EQ(plan.tables.size(), 1u);
  EXPECT_THAT(plan.notes, Contains(HasSubstr("--no-blocks")));
}

TEST(RecoverTables, ACapturedOneThatMayNotBeReadIsARefusal) {
  auto facts = with_blocks();
  facts.others[0].capture.table_select = false;
  const auto plan = plan_recover({}, facts, {}, 0);
  ASSERT_TRUE(plan.refusal.has_value());
  EXPECT_THAT(plan.refusal->error.remedy, HasSubstr("GRANT SELECT ON \"public\".\"block_run\""));
}

TEST(RecoverPlan, ThePublicationIsRenewedInOneStatementText) {
  const auto plan = plan_recover({}, complete(), {}, 0);
  const auto sql = renew_publication_sql(plan, provisional(plan, kEpoch));
  EXPECT_LT(sql.find("DROP PUBLICATION IF EXISTS \"walpulse\"; "), sql.find("CREATE PUBLICATION"));
  EXPECT_LT(sql.find("CREATE PUBLICATION"), sql.find("COMMENT ON PUBLICATION"));
}

TEST(RecoverPlan, WhatItLeavesWhenItIsKilledFindsARenamedTable) {
  auto facts = complete();
  facts.table->name = "pr2";
  const auto plan = plan_recover({}, facts, {}, 0);
  ASSERT_FALSE(plan.refusal.has_value()) << plan.refusal->error.message;
  const auto left = provisional(plan, kEpoch);
  EXPECT_EQ(left.tables.front().oid, facts.table->oid);
  EXPECT_EQ(left.tables.front().name.name, "pipeline_run");
  EXPECT_THAT(renew_publication_sql(plan, left), HasSubstr("FOR TABLE \"public\".\"pr2\""));
}

TEST(RecoverScript, KnowsTheTableBeforeItDropsAnything) {
  const auto script = recover_script({}, std::chrono::seconds(30), {}, 0);
  const auto known = script.find("AS walpulse_called");
  EXPECT_LT(known, script.find("pg_drop_replication_slot"));
  EXPECT_THAT(script, HasSubstr("FOR TABLE :walpulse_called "));
  EXPECT_THAT(script.substr(script.find("-- 2.")), Not(HasSubstr("::regclass")));
}

TEST(RecoverScript, DropsTheSlotsMakesThePublicationThenTheSlotAndTheIdentityLast) {
  const auto script = recover_script({}, std::chrono::seconds(30), {}, 42);
  const auto order = {script.find("\\gset"),
                      script.find("pg_drop_replication_slot"),
                      script.find("DROP PUBLICATION"),
                      script.find("CREATE PUBLICATION"),
                      script.find("pg_create_logical_replication_slot"),
                      script.find("pg_copy_logical_replication_slot"),
                      script.rfind("COMMENT ON PUBLICATION"),
                      script.find("walpulse-connector snapshot")};
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(std::count(order.begin(), order.end(), std::string::npos), 0);
  EXPECT_THAT(script, HasSubstr(", 42, floor("));
  EXPECT_THAT(script, HasSubstr("coalesce(string_agg(epoch, ',' ORDER BY place), '42')"));
}

}  // namespace
}  // namespace walpulse::connector
