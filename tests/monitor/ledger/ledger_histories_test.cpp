#include "monitor/ledger/application/stays.h"
#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;

constexpr std::uint64_t kSystem = 7'300'000'000'000'000'001, kOtherSystem = kSystem + 1;

/// One name, one history; proof of a restore; events that were never to come.
class LedgerHistories : public LedgerTest {
 protected:
  schema::Heartbeat beat_of(std::uint64_t epoch, std::uint64_t system,
                            std::vector<std::uint64_t> follows = {}) {
    schema::Heartbeat beat = heartbeat(++sequences_[epoch], 10);
    beat.epoch = epoch;
    beat.instance = "of " + std::to_string(epoch);
    beat.system_identifier = system;
    beat.database = database;
    beat.publication = publication;
    beat.follows = std::move(follows);
    return beat;
  }
  Outcome event_of(std::uint64_t epoch, std::int64_t id) {
    MageRun run(id, 1);
    run.row().epoch = epoch;
    return apply({run.create(static_cast<double>(id))}).outcomes.at(0);
  }
  /// A change of a trigger, of a table that no heartbeat names.
  Outcome trigger_of(std::uint64_t epoch, int when, std::uint64_t lsn = 0) {
    TableChange change;
    change.table = "pipeline_schedule";
    change.columns = {{"pipeline_uuid", "daily"}, {"schedule_interval", "@hourly"}};
    change.id = when;
    change.when = when;
    change.epoch = epoch;
    change.lsn = lsn;
    return apply({message(change)}).outcomes.at(0);
  }
  std::int64_t gaps(const char* reason) { return number("flow/gap_count", {{"reason", reason}}); }
  std::string database = "mage", publication = "walpulse";
  std::map<std::uint64_t, std::uint64_t> sequences_;
};

TEST_P(LedgerHistories, TheFirstOfANameCountsAlsoWhereItIntroducesNothing) {
  EXPECT_EQ(event_of(1, 1), Outcome::applied);
}

TEST_P(LedgerHistories, ASecondSystemUnderOneNameIsRefusedAndTheFirstGoesOn) {
  apply({message(beat_of(1, kSystem))});
  const ApplyResult applied = apply({message(beat_of(2, kOtherSystem))});
  ASSERT_EQ(applied.alerts.size(), 1u);
  EXPECT_EQ(applied.alerts[0].kind, SourceAlert::Kind::name_taken);
  EXPECT_EQ(applied.alerts[0].epoch, 2u);
  EXPECT_EQ(event_of(2, 5), Outcome::refused);
  EXPECT_EQ(event_of(1, 6), Outcome::applied);
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(gaps("name_taken"), 1);
  EXPECT_EQ(processed("c", "refused"), 1);
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_THAT(rejected()[0].reason, ::testing::HasSubstr("sources accept 'mage' 2"));
  EXPECT_DOUBLE_EQ(age("flow/heartbeat_age", {}, 100), 90);
}

/// An epoch is a second: machines that set up two systems in one give them the same.
TEST_P(LedgerHistories, ASecondSystemOfOneEpochIsAConflictAndNothingMoreCounts) {
  apply({message(beat_of(1, kSystem))});
  EXPECT_EQ(event_of(1, 1), Outcome::applied);
  const ApplyResult applied = apply({message(beat_of(1, kOtherSystem))});
  ASSERT_EQ(applied.alerts.size(), 1u);
  EXPECT_EQ(applied.alerts[0].kind, SourceAlert::Kind::conflict);
  EXPECT_EQ(event_of(1, 2), Outcome::conflict) << "whose it is nobody can say";
  EXPECT_THAT(apply({message(beat_of(1, kSystem)), message(beat_of(1, kOtherSystem))}).alerts,
              ::testing::IsEmpty());
  EXPECT_EQ(gaps("conflict"), 1);
  EXPECT_EQ(gaps("name_taken"), -1);
}

TEST_P(LedgerHistories, ASecondPublicationOfTheTableUnderOneNameIsRefused) {
  apply({message(beat_of(1, kSystem))});
  publication = "walpulse2";
  apply({message(beat_of(2, kSystem))});
  EXPECT_EQ(event_of(2, 5), Outcome::refused);
}

TEST_P(LedgerHistories, ASecondDatabaseOfOneServerUnderOneNameIsRefused) {
  apply({message(beat_of(1, kSystem))});
  database = "mage_staging";
  apply({message(beat_of(2, kSystem))});
  EXPECT_EQ(event_of(2, 5), Outcome::refused);
}

TEST_P(LedgerHistories, ATruncateOfTheSecondSystemEndsNothingOfTheFirst) {
  apply({message(beat_of(1, kSystem)), message(beat_of(2, kOtherSystem))});
  event_of(1, 1);
  Change change;
  change.op = schema::Operation::truncate;
  change.when = 50;
  change.epoch = 2;
  EXPECT_THAT(apply({message(change)}).outcomes, ElementsAre(Outcome::refused));
  EXPECT_EQ(active("INITIAL"), 1);
}

TEST_P(LedgerHistories, ConnectorsOfTwoTablesShareAName) {
  apply({message(beat_of(1, kSystem))});
  schema::Heartbeat other = beat_of(2, kSystem);
  other.table = "public.block_run";
  other.publication = "walpulse_blocks";
  EXPECT_THAT(apply({message(other)}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(gaps("name_taken"), -1);
}

TEST_P(LedgerHistories, TheOtherTablesOfACaptureAreTakenInWithItsFirst) {
  apply({message(beat_of(1, kSystem))});
  EXPECT_EQ(trigger_of(1, 1), Outcome::applied);
  EXPECT_EQ(trigger_of(2, 2), Outcome::waits);
  apply({message(beat_of(2, kSystem, {1}))});  // recover
  EXPECT_EQ(trigger_of(2, 2), Outcome::applied);
}

TEST_P(LedgerHistories, TheOtherTablesOfASecondSystemAreRefusedWithItsFirst) {
  apply({message(beat_of(1, kSystem)), message(beat_of(2, kOtherSystem))});
  EXPECT_EQ(trigger_of(2, 5), Outcome::refused);
  EXPECT_EQ(trigger_of(1, 6), Outcome::applied);
  intake_clock(61s);
  EXPECT_EQ(trigger_of(2, 7), Outcome::refused);
  EXPECT_EQ(gaps("name_taken"), 1) << "one capture, one gap";
  EXPECT_EQ(ledger().accept_epoch("mage", 2).value_or(99), 2u);
  EXPECT_EQ(trigger_of(2, 8), Outcome::applied);
}

TEST_P(LedgerHistories, ATableOfASecondSystemWaitsThoughTheFirstCapturesItNot) {
  apply({message(beat_of(1, kSystem))});
  EXPECT_EQ(trigger_of(2, 5), Outcome::waits) << "its introduction was overtaken";
  apply({message(beat_of(2, kOtherSystem))});
  EXPECT_EQ(trigger_of(2, 5), Outcome::refused);
}

TEST_P(LedgerHistories, ATableOfAnEarlierEpochIsKnownByTheOneThatFollowsIt) {
  apply({message(beat_of(2, kSystem, {1}))});
  EXPECT_EQ(trigger_of(1, 5), Outcome::applied);
}

TEST_P(LedgerHistories, AConflictIsOneOfAllTablesOfACaptureWhicheverProvesIt) {
  apply({message(beat_of(1, kSystem))});
  EXPECT_EQ(trigger_of(1, 1), Outcome::applied);
  EXPECT_EQ(trigger_of(1, 2, 2'000'000), Outcome::applied);
  EXPECT_EQ(trigger_of(1, 3, 2'000'000), Outcome::conflict);
  EXPECT_EQ(event_of(1, 4), Outcome::conflict);
  EXPECT_EQ(gaps("conflict"), 1);
}

TEST_P(LedgerHistories, AConflictOfTheFirstTableIsOneOfTheOthers) {
  apply({message(beat_of(1, kSystem))});
  EXPECT_EQ(trigger_of(1, 1), Outcome::applied);
  MageRun run(1, 1), twice(1, 2);
  run.row().epoch = twice.row().epoch = 1;
  run.row().lsn = twice.row().lsn = 5000;
  apply({run.create(1), twice.create(2)});
  EXPECT_EQ(trigger_of(1, 3), Outcome::conflict);
}

TEST_P(LedgerHistories, WhatFollowsOrPrecedesOneThatCountsDoesTooInAnyOrder) {
  apply({message(beat_of(3, kSystem, {1, 2}))});  // dumped and restored elsewhere, recovered twice
  EXPECT_EQ(event_of(1, 1), Outcome::applied);
  apply({message(beat_of(4, kOtherSystem, {3}))});
  EXPECT_EQ(event_of(2, 2), Outcome::applied);
  EXPECT_EQ(event_of(4, 4), Outcome::applied);
  EXPECT_EQ(gaps("name_taken"), -1);
}

TEST_P(LedgerHistories, TeardownAndSetupOfOneSystemGoOn) {
  apply({message(beat_of(1, kSystem)), message(beat_of(2, kSystem))});
  EXPECT_EQ(event_of(2, 1), Outcome::applied);
}

TEST_P(LedgerHistories, AnEpochThatNobodyIntroducesWaitsAMinuteForThat) {
  event_of(1, 1);
  EXPECT_EQ(event_of(2, 2), Outcome::waits);
  intake_clock(59s);
  EXPECT_EQ(event_of(2, 2), Outcome::waits);
  intake_clock(60s);
  EXPECT_EQ(event_of(2, 2), Outcome::applied);
  EXPECT_EQ(created(), 2);
  EXPECT_EQ(processed("c", "waits"), -1);
}

TEST_P(LedgerHistories, AnEpochThatNobodyIntroducesIsRefusedWhereAnotherIsAlive) {
  apply({message(beat_of(1, 0))});
  EXPECT_EQ(event_of(2, 2), Outcome::waits);
  intake_clock(30s);
  apply({message(beat_of(1, 0))});
  intake_clock(60s);
  EXPECT_EQ(event_of(2, 2), Outcome::refused);
  EXPECT_EQ(gaps("name_taken"), 1);
}

TEST_P(LedgerHistories, AnIntroductionAloneIsEnough) {
  apply({message(beat_of(1, kSystem))});
  const schema::Introduction said{
      "mage", "public.pipeline_run", 2, kOtherSystem, "mage", "walpulse", {1}, at(5)};
  const ReceivedMessage received{schema::to_json(said), schema::introduction_attributes(said), "m"};
  EXPECT_THAT(apply({received}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(event_of(2, 2), Outcome::applied);
}

TEST_P(LedgerHistories, AnIntroductionThatCameTooLateTakesInWhatWasRefused) {
  apply({message(beat_of(1, kSystem))});
  EXPECT_EQ(event_of(2, 2), Outcome::waits);
  apply({message(beat_of(1, kSystem))});
  intake_clock(30s);
  apply({message(beat_of(1, kSystem))});
  intake_clock(60s);
  EXPECT_EQ(event_of(2, 2), Outcome::refused);
  apply({message(beat_of(2, kOtherSystem, {1}))});
  EXPECT_EQ(event_of(2, 3), Outcome::applied);
  redrive();
  EXPECT_EQ(created(), 2);
  EXPECT_TRUE(rejected().empty());
}

TEST_P(LedgerHistories, APersonMayTakeARefusedOneIn) {
  apply({message(beat_of(1, kSystem)), message(beat_of(2, kOtherSystem))});
  EXPECT_EQ(event_of(2, 5), Outcome::refused);
  EXPECT_EQ(ledger().accept_epoch("mage", 3).value_or(99), 0u);
  EXPECT_EQ(ledger().accept_epoch("mage", 2).value_or(99), 1u);
  EXPECT_EQ(event_of(2, 6), Outcome::applied);
  const auto known = ledger().epochs();
  ASSERT_TRUE(known);
  ASSERT_EQ(known->size(), 2u);
  for (const KnownEpoch& epoch : *known) EXPECT_EQ(epoch.standing, "accepted");
}

TEST_P(LedgerHistories, AClockThatWasAheadForOneCommitIsNoProofOfAnything) {
  MageRun ahead(1, 1), next(2, 1), late(3, 1);
  ahead.row().lsn = 1000;
  next.row().lsn = 2000;
  late.row().lsn = 1500;
  apply({next.create(10)});
  EXPECT_THAT(apply({ahead.create(3610), late.create(5)}).outcomes, Each(Outcome::applied));
  EXPECT_EQ(gaps("conflict"), -1);
}

TEST_P(LedgerHistories, S29TwoStaysOnTheSlotThatOverlapAreAConflict) {
  auto first = beat_of(1, kSystem), second = beat_of(1, kSystem);
  first.session = 1;
  first.held_from = Lsn{1000};
  first.published = Lsn{5000};
  second.session = 2;
  second.held_from = Lsn{3000};  // of a log that went back
  second.published = Lsn{3000};
  apply({message(first)});
  EXPECT_TRUE(apply({message(second)}).alerts.empty());  // nothing published yet
  second.sequence += 1;
  second.published = Lsn{3500};
  const ApplyResult applied = apply({message(second)});
  ASSERT_EQ(applied.alerts.size(), 1u);
  EXPECT_EQ(applied.alerts[0].kind, SourceAlert::Kind::conflict);
  EXPECT_EQ(gaps("conflict"), 1);
  EXPECT_EQ(event_of(1, 1), Outcome::conflict);
}

TEST_P(LedgerHistories, StaysThatFollowOneAnotherAreNone) {
  std::uint64_t session = 0;
  for (std::uint64_t end : {2000u, 3000u, 9000u}) {
    auto beat = beat_of(1, kSystem);
    beat.session = ++session;
    beat.held_from = Lsn{end - 500};
    beat.published = Lsn{end - 100};
    EXPECT_TRUE(apply({message(beat)}).alerts.empty());
  }
  EXPECT_EQ(gaps("conflict"), -1);
}

TEST_P(LedgerHistories, OnlyTheNewestHundredStaysAreKept) {
  for (std::uint64_t session = 1; session <= 103; ++session) {
    auto beat = beat_of(1, kSystem);
    beat.session = session;
    beat.held_from = Lsn{session * 1000};
    beat.published = Lsn{session * 1000 + 500};
    apply({message(beat)});
  }
  EpochRow epoch;
  epoch.name = "mage";
  epoch.table = "public.pipeline_run";
  epoch.epoch = 1;
  ASSERT_TRUE(raw_storage()->begin(Intent::read));
  const auto kept = raw_storage()->transaction().epochs().stays(epoch);
  ASSERT_TRUE(raw_storage()->commit());
  EXPECT_EQ(kept.size(), 100u);
  for (const StayRow& stay : kept) EXPECT_GE(stay.session, 4u);
}

TEST_P(LedgerHistories, AnEventBelowWhatWasDeliveredLongAgoIsCountedAndTold) {
  options.settle = 3min;
  const auto confirm = [&](std::uint64_t lsn) {
    auto beat = beat_of(kEpoch, kSystem);
    beat.confirmed = Lsn{lsn};
    apply({message(beat)});
  };
  MageRun in_time(1, 1), late(2, 1), replayed(3, 1);
  in_time.row().lsn = 4000;
  late.row().lsn = replayed.row().lsn = 4500;
  replayed.row().replay = true;
  confirm(5000);
  apply({in_time.create(1)});
  intake_clock(3min);
  confirm(5000);
  EXPECT_EQ(number("flow/late_event_count"), -1);
  EXPECT_TRUE(apply({in_time.create(1), replayed.create(3)}).alerts.empty());
  const ApplyResult applied = apply({late.create(3)});
  EXPECT_THAT(applied.outcomes, ElementsAre(Outcome::applied));
  ASSERT_EQ(applied.alerts.size(), 1u);
  EXPECT_EQ(applied.alerts[0].kind, SourceAlert::Kind::late_event);
  EXPECT_EQ(number("flow/late_event_count"), 1);
  EXPECT_EQ(created(), 3);
}

TEST_P(LedgerHistories, ABacklogThatTheNewestHeartbeatOvertookIsNotLate) {
  options.settle = 3min;
  const auto confirm = [&](std::uint64_t sequence) {
    auto beat = heartbeat(sequence, 10);
    beat.system_identifier = kSystem;
    beat.confirmed = Lsn{sequence * 100};
    apply({message(beat)});
  };
  confirm(1);
  // Two hours away: the newest comes first, and the backlog takes twenty minutes.
  confirm(720);
  for (std::uint64_t n = 2; n < 720; ++n) {
    intake_clock(IntakeTime(n * 1700));
    MageRun run(static_cast<std::int64_t>(n), 1);
    run.row().lsn = n * 100;
    if (n % 6 == 0) apply({run.create(1)});
    confirm(n);
    if (n % 60 == 0) confirm(720 + n / 60);
  }
  EXPECT_EQ(number("flow/late_event_count"), -1);
}

TEST_P(LedgerHistories, HeartbeatsThatCameInAnotherOrderAreNoneMissing) {
  options.settle = 0min;
  for (const std::uint64_t sequence : {1u, 3u, 2u, 4u, 5u, 6u}) {
    auto beat = heartbeat(sequence, 10);
    beat.confirmed = Lsn{sequence * 100};
    apply({message(beat)});
  }
  EXPECT_TRUE(raw_storage()->begin(Intent::read));
  const auto delivered = raw_storage()->transaction().context().sources.at(0).delivered;
  EXPECT_TRUE(raw_storage()->commit());
  ASSERT_TRUE(delivered);
  EXPECT_EQ(delivered->commit_lsn.value, 500u);
}

TEST_P(LedgerHistories, MoreThanSixteenThatNobodyIntroducesAreNotEvenRemembered) {
  apply({message(beat_of(1, kSystem))});
  for (std::uint64_t epoch = 2; epoch < 60; ++epoch)
    EXPECT_EQ(event_of(epoch, 9), epoch < 18 ? Outcome::waits : Outcome::refused) << epoch;
  const auto known = ledger().epochs();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->size(), 17u);
  EXPECT_EQ(gaps("name_taken"), -1);
  intake_clock(1h);  // nothing more came of them: they are in nobody's way
  EXPECT_EQ(event_of(100, 9), Outcome::waits);
}

TEST_P(LedgerHistories, WhatTheFirstBuildLetInIsJudgedWhenItSaysWhoItIs) {
  for (const std::uint64_t epoch : {1u, 2u}) {
    event_of(epoch, static_cast<std::int64_t>(epoch));
    ASSERT_EQ(ledger().accept_epoch("mage", epoch).value_or(99), epoch == 1 ? 0u : 1u);
  }
  apply({message(beat_of(1, kSystem))});
  const ApplyResult applied = apply({message(beat_of(2, kOtherSystem))});
  ASSERT_EQ(applied.alerts.size(), 1u);
  EXPECT_EQ(applied.alerts[0].kind, SourceAlert::Kind::name_taken);
  EXPECT_EQ(event_of(2, 7), Outcome::refused);
  EXPECT_EQ(event_of(1, 8), Outcome::applied);
}

TEST_P(LedgerHistories, APersonMayTakeAConflictBack) {
  MageRun run(1, 1), twice(1, 2), next(2, 3);
  run.row().lsn = twice.row().lsn = 5000;
  apply({run.create(1), twice.create(2)});
  EXPECT_THAT(apply({next.create(3)}).outcomes, ElementsAre(Outcome::conflict));
  EXPECT_EQ(ledger().accept_epoch("mage", kEpoch).value_or(99), 1u);
  EXPECT_THAT(apply({next.create(3)}).outcomes, ElementsAre(Outcome::applied));
}

TEST_P(LedgerHistories, RowsOfOtherTablesAreIgnored) {
  const std::string job =
      R"({"op":"u","ts_ms":1,"before":null,"after":{"id":1,"job_type":"CANCEL","status":"RUNNING",)"
      R"("started_at":null,"pipeline_run_id":4},"source":{"version":"0.1.0","connector":)"
      R"("postgresql","name":"mage","ts_ms":1795168800000,"ts_us":1795168800000000,"snapshot":)"
      R"("false","db":"m","schema":"public","table":"generic_job","txId":7,"lsn":5,"commit_lsn":6,)"
      R"("ordinal":0,"epoch":1,"sequence":"[\"6\",\"5\"]"},"transaction":{"id":"7:6",)"
      R"("total_order":1,"data_collection_order":1}})";
  schema::Attributes attributes{{"op", "u"}, {"ce-type", schema::kChangeType}};
  EXPECT_THAT(apply({ReceivedMessage{job, attributes, "m"}}).outcomes,
              ElementsAre(Outcome::ignored));
  EXPECT_EQ(processed("u", "ignored"), 1);
  EXPECT_TRUE(rejected().empty());
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerHistories, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
