#include "connector/session/failure.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using Known = std::optional<std::optional<SlotState>>;

const Error kRefused{ErrorKind::rejected, "START_REPLICATION failed"};
const Error kLost{ErrorKind::unavailable, "connection lost"};

SlotState healthy() {
  SlotState slot;
  slot.plugin = "pgoutput";
  slot.database = "mage";
  slot.wal_status = "reserved";
  return slot;
}

SlotState lost() {
  SlotState slot = healthy();
  slot.wal_status = "lost";
  return slot;
}

ServerFacts primary() {
  ServerFacts server;
  server.database = "mage";
  return server;
}

Failure judge(Error error, const char* sqlstate, const Known& slot) {
  error.code = sqlstate;
  return judge(error, slot);
}

Known missing() { return Known(std::optional<SlotState>()); }

TEST(Judge, ASlotInUseMakesAStandby) {
  EXPECT_EQ(judge(kRefused, "55006", Known(healthy())).verdict, Verdict::standby);
}

TEST(Judge, AMissingOrInvalidatedSlotIsAGapThatNamesRecover) {
  EXPECT_EQ(judge(kRefused, "42704", missing()).verdict, Verdict::gap);
  EXPECT_EQ(judge(kRefused, "55000", Known(lost())).verdict, Verdict::gap);
  EXPECT_EQ(judge(kLost, "57P01", Known(lost())).verdict, Verdict::gap) << "killed by invalidation";
  EXPECT_NE(judge(kRefused, "42704", missing()).remedy.find("walpulse-connector recover"),
            std::string::npos);
}

TEST(Gap, SaysThatNothingWasSkippedOnlyWhereTheSlotShowsIt) {
  const auto claims = [](const Failure& failure) {
    EXPECT_EQ(failure.verdict, Verdict::gap);
    EXPECT_NE(failure.remedy.find("walpulse-connector recover"), std::string::npos);
    return failure.message.find("nothing was skipped") != std::string::npos;
  };
  EXPECT_TRUE(claims(judge(kRefused, "42704", missing())));
  EXPECT_TRUE(claims(judge(kRefused, "55000", Known(lost()))));
  EXPECT_TRUE(claims(*slot_problem("s", primary(), lost())));
  EXPECT_FALSE(claims(gap("the table was dropped; from then on changes may be missing")));
  EXPECT_FALSE(claims(not_set_up({}, "mage", false, true)));
  EXPECT_FALSE(claims(*rewound(Lsn{101}, Lsn{100})));
}

TEST(Judge, AMissingPublicationIsAGap) {
  EXPECT_EQ(judge(kRefused, "42704", Known(healthy())).verdict, Verdict::gap);
}

TEST(Judge, LostConnectionsAndShutdownsPass) {
  EXPECT_EQ(judge(kLost, "", std::nullopt).verdict, Verdict::retry);
  EXPECT_EQ(judge(kLost, "", Known(healthy())).verdict, Verdict::retry);
  EXPECT_EQ(judge(kRefused, "57P01", Known(healthy())).verdict, Verdict::retry);
  EXPECT_EQ(judge(kRefused, "53300", std::nullopt).verdict, Verdict::retry);
  EXPECT_EQ(judge(kRefused, "55000", std::nullopt).verdict, Verdict::retry) << "nobody to ask";
}

TEST(Judge, WaitingIsEnoughForTheServersTimeoutsAndFilesWhileTheSlotIsThere) {
  for (const char* state : {"25P03", "25P04", "57P05", "58P01", "58030", "58000"}) {
    EXPECT_EQ(judge(kRefused, state, Known(healthy())).verdict, Verdict::retry) << state;
    EXPECT_EQ(judge(kRefused, state, std::nullopt).verdict, Verdict::retry) << state;
    EXPECT_EQ(judge(kRefused, state, Known(lost())).verdict, Verdict::gap) << state;
    EXPECT_EQ(judge(kRefused, state, missing()).verdict, Verdict::gap) << state;
  }
}

TEST(Judge, ASlotThatIsStillSynchronizedWaitsForThePromotion) {
  SlotState synced = healthy();
  synced.synced = true;
  EXPECT_EQ(judge(kRefused, "55000", Known(synced)).verdict, Verdict::retry);
}

TEST(Judge, BrokenProtocolAndOtherRefusalsAreFatal) {
  EXPECT_EQ(judge({ErrorKind::malformed, "bad tuple"}, "", Known(healthy())).verdict,
            Verdict::fatal);
  EXPECT_EQ(judge(kRefused, "55000", Known(healthy())).verdict, Verdict::fatal);
  EXPECT_EQ(judge(kRefused, "42501", Known(healthy())).verdict, Verdict::fatal);
}

TEST(Unanswered, OnlyALostOrSlowServerIsAskedAgain) {
  EXPECT_EQ(unanswered(kLost).verdict, Verdict::retry);
  EXPECT_EQ(unanswered({ErrorKind::timed_out, "too slow", "", "57014"}).verdict, Verdict::retry);
  EXPECT_EQ(unanswered({ErrorKind::rejected, "permission denied", "", "42501"}).verdict,
            Verdict::fatal);
}

TEST(Failure, IsShownWithItsRemedy) {
  const Error error{ErrorKind::denied, "HTTP 403", "grant the role"};
  EXPECT_EQ(to_string(failure_of(Verdict::park, error)), "HTTP 403; grant the role");
  EXPECT_EQ(to_string(undeliverable("stdout", error)), "stdout: HTTP 403; grant the role");
  EXPECT_EQ(to_string(Failure{Verdict::retry, "stopped"}), "stopped");
}

TEST(SlotProblem, RefusesWhatCannotCarryTheCapture) {
  EXPECT_FALSE(slot_problem("s", primary(), healthy()));
  EXPECT_EQ(slot_problem("s", primary(), std::nullopt)->verdict, Verdict::gap);
  EXPECT_EQ(slot_problem("s", primary(), lost())->verdict, Verdict::gap);
  SlotState elsewhere = healthy();
  elsewhere.database = "other";
  EXPECT_EQ(slot_problem("s", primary(), elsewhere)->verdict, Verdict::fatal);
  SlotState foreign = healthy();
  foreign.plugin = "wal2json";
  EXPECT_EQ(slot_problem("s", primary(), foreign)->verdict, Verdict::fatal);
  EXPECT_EQ(slot_problem("s", primary(), foreign)->remedy, "choose another --slot");
  SlotState splitting = healthy();
  splitting.two_phase = true;
  EXPECT_EQ(slot_problem("s", primary(), splitting)->verdict, Verdict::fatal);
}

TEST(SlotProblem, AStandbyWithoutTheSlotIsAskedAgainAndNoGap) {
  ServerFacts standby = primary();
  standby.in_recovery = true;
  EXPECT_EQ(slot_problem("s", standby, std::nullopt)->verdict, Verdict::retry);
  EXPECT_EQ(slot_problem("s", standby, lost())->verdict, Verdict::retry);
  EXPECT_FALSE(slot_problem("s", standby, healthy())) << "16 and later decode on a standby";
  SlotState copy = healthy();
  copy.synced = true;
  EXPECT_EQ(slot_problem("s", standby, copy)->verdict, Verdict::retry);
}

TEST(NameProblem, OnlyTheTableOfTheSetUpIsCaptured) {
  const CaptureIdentity identity{
      "mage", 7, 77, Xid{771}, {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}}};
  EXPECT_FALSE(name_problem({}, identity));
  SourceOptions other_table, other_schema;
  other_table.tables.front().name = "block_run";
  other_schema.tables.front().schema = "mage";
  for (const auto& wrong :
       {name_problem(other_table, identity), name_problem(other_schema, identity)}) {
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->verdict, Verdict::fatal);
    EXPECT_NE(wrong->message.find("was set up for \"public\".\"pipeline_run\""), std::string::npos);
    EXPECT_NE(wrong->remedy.find("--schema and --table"), std::string::npos);
  }
}

TEST(NameProblem, OfSeveralTablesTheFirstIsToBeOneOfTheSetUp) {
  const CaptureIdentity identity{"mage",
                                 7,
                                 77,
                                 Xid{771},
                                 {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}},
                                  {{"public", "block_run"}, Oid{16413}, Oid{16501}}}};
  SourceOptions source;
  EXPECT_FALSE(name_problem(source, identity)) << "what else is captured does no harm";
  source.tables = {{"public", "block_run"}};
  EXPECT_FALSE(name_problem(source, identity));
  source.tables = {{"public", "pipeline_schedule"}};
  const auto wrong = name_problem(source, identity);
  ASSERT_TRUE(wrong);
  EXPECT_NE(wrong->message.find("for \"public\".\"pipeline_run\", \"public\".\"block_run\", not"),
            std::string::npos)
      << wrong->message;
}

TEST(NotSetUp, S20ASlotWhosePublicationIsGoneIsAGap) {
  const auto gone = not_set_up({}, "mage", false, true);
  EXPECT_EQ(gone.verdict, Verdict::gap);
  EXPECT_NE(gone.remedy.find("recover"), std::string::npos);
}

TEST(NotSetUp, WithoutASlotItIsTheFirstTimeAndBesideOneEitherMayBeTrue) {
  for (const bool has_publication : {false, true}) {
    const auto first = not_set_up({}, "mage", has_publication, false);
    EXPECT_EQ(first.verdict, Verdict::fatal);
    EXPECT_EQ(first.remedy, "run `walpulse-connector setup`");
  }
  const auto either = not_set_up({}, "mage", true, true);
  EXPECT_EQ(either.verdict, Verdict::fatal);
  EXPECT_NE(either.remedy.find("setup"), std::string::npos);
  EXPECT_NE(either.remedy.find("recover"), std::string::npos);
}

TEST(Undeliverable, AMessageRefusedForGoodIsFatalAndNamesTheSink) {
  const auto failure = undeliverable("pubsub://p/t", {ErrorKind::rejected, "HTTP 400"});
  EXPECT_EQ(failure.verdict, Verdict::fatal);
  EXPECT_EQ(failure.message, "pubsub://p/t: HTTP 400");
}

TEST(RoleProblem, ARoleWithoutReplicationIsToldTheStatement) {
  RoleFacts role;
  role.name = "cap";
  ASSERT_TRUE(role_problem(role));
  EXPECT_EQ(role_problem(role)->verdict, Verdict::fatal);
  EXPECT_NE(role_problem(role)->remedy.find("ALTER ROLE \"cap\" WITH REPLICATION;"),
            std::string::npos);
  role.replication = true;
  EXPECT_FALSE(role_problem(role));
  role.replication = false;
  role.superuser = true;
  EXPECT_FALSE(role_problem(role));
}

TEST(LeftBehind, S18AServerThatLeftTheTimelineBeforeWhatWasPublishedIsAGap) {
  EXPECT_FALSE(left_behind({1, Lsn{99}}, Lsn{100}));
  EXPECT_EQ(left_behind({1, Lsn{100}}, Lsn{100})->verdict, Verdict::gap);
  EXPECT_EQ(left_behind({1, Lsn{99}}, std::nullopt)->verdict, Verdict::gap);
}

TEST(Rewound, AServerWhoseWalEndsBeforeWhatItSentIsAGap) {
  EXPECT_FALSE(rewound(Lsn{100}, Lsn{100}));
  EXPECT_EQ(rewound(Lsn{101}, Lsn{100})->verdict, Verdict::gap);
}

}  // namespace
}  // namespace walpulse::connector
