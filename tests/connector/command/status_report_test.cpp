#include "connector/command/status_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "connector/command/report_text.h"

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;

StatusFacts idle() {
  StatusFacts facts;
  facts.server.system_identifier = 77;
  facts.server.database = "mage";
  facts.role = "walpulse";
  facts.owner = "mage";
  facts.server.current_lsn = Lsn{0x3000};
  facts.publication_exists = true;
  facts.identity = CaptureIdentity{
      "mage", 1763600000, 77, Xid{3}, {{{"public", "pipeline_run"}, Oid{1}, Oid{2}}}};
  facts.slot = SlotState{};
  facts.slot->plugin = "pgoutput";
  facts.slot->database = "mage";
  facts.slot->wal_status = "reserved";
  facts.slot->confirmed_flush_lsn = Lsn{0x2000};
  facts.slot->restart_lsn = Lsn{0x1000};
  facts.slot->lag_bytes = 0x1000;
  facts.slot->retained_bytes = 0x2000;
  return facts;
}

StatusFacts streaming() {
  StatusFacts facts = idle();
  facts.slot->active = true;
  facts.slot->active_pid = 4711;
  facts.sender = SenderState{};
  facts.sender->visible = true;
  facts.sender->state = "streaming";
  facts.sender->sent_lsn = Lsn{0x2800};
  facts.sender->flush_lag_seconds = 1.5;
  return facts;
}

TEST(StatusReport, TellsTheStatesApart) {
  EXPECT_EQ(capture_state({}), CaptureState::not_set_up);
  EXPECT_EQ(capture_state(idle()), CaptureState::idle);
  EXPECT_EQ(capture_state(streaming()), CaptureState::streaming);
  auto incomplete = idle();
  incomplete.identity.reset();
  EXPECT_EQ(capture_state(incomplete), CaptureState::incomplete);
  auto missing = idle();
  missing.slot.reset();
  EXPECT_EQ(capture_state(missing), CaptureState::gap);
  auto lost = idle();
  lost.slot->wal_status = "lost";
  EXPECT_EQ(capture_state(lost), CaptureState::gap);
  auto elsewhere = idle();
  elsewhere.server.system_identifier = 78;
  EXPECT_EQ(capture_state(elsewhere), CaptureState::gap);
}

TEST(StatusReport, OnlyAGapIsThree) {
  EXPECT_EQ(exit_code(CaptureState::idle), 0);
  EXPECT_EQ(exit_code(CaptureState::streaming), 0);
  EXPECT_EQ(exit_code(CaptureState::not_set_up), 1);
  EXPECT_EQ(exit_code(CaptureState::incomplete), 1);
  EXPECT_EQ(exit_code(CaptureState::gap), 3);
}

TEST(StatusReport, MeasuresWhatIsInFlightFromTheConfirmedPosition) {
  const auto json = nlohmann::json::parse(status_json({}, streaming()));
  EXPECT_EQ(json["in_flight_bytes"], 0x800);
  EXPECT_EQ(json["state"], "streaming");
  EXPECT_EQ(json["confirmed_flush_lsn"], "0/2000");
  EXPECT_EQ(json["lag_bytes"], 0x1000);
  EXPECT_EQ(json["lag_seconds"], 1.5);
  EXPECT_EQ(json["name"], "mage");
}

TEST(StatusReport, SaysWhetherStandbysKeepTheSlotWhereTheVersionKnows) {
  auto facts = idle();
  EXPECT_THAT(status_text({}, facts), ::testing::Not(HasSubstr("failover")));
  EXPECT_TRUE(nlohmann::json::parse(status_json({}, facts))["failover"].is_null());
  facts.slot->failover = true;
  EXPECT_THAT(status_text({}, facts), HasSubstr("failover      a standby"));
  EXPECT_EQ(nlohmann::json::parse(status_json({}, facts))["failover"], true);
  facts.slot->failover = false;
  EXPECT_THAT(status_text({}, facts), HasSubstr("a failover is a gap"));
}

TEST(StatusReport, LagInSecondsIsKnownOrNull) {
  auto facts = idle();
  EXPECT_EQ(lag_seconds(facts), std::nullopt);
  EXPECT_TRUE(nlohmann::json::parse(status_json({}, facts))["lag_seconds"].is_null());
  facts.slot->lag_bytes = 0;
  EXPECT_EQ(lag_seconds(facts), 0.0);
}

TEST(StatusReport, AHiddenReaderNamesTheGrant) {
  auto facts = streaming();
  facts.sender = SenderState{};
  EXPECT_THAT(status_text({}, facts), HasSubstr("GRANT pg_monitor TO \"walpulse\";\n"));
}

TEST(StatusReport, SeveralTablesAreNamed) {
  auto facts = idle();
  EXPECT_THAT(status_text({}, facts), ::testing::Not(HasSubstr("tables")));
  EXPECT_EQ(nlohmann::json::parse(status_json({}, facts))["tables"].size(), 1u);
  facts.identity->tables.push_back({{"public", "block_run"}, Oid{16414}, Oid{16502}});
  EXPECT_THAT(status_text({}, facts),
              HasSubstr("tables        public.pipeline_run,public.block_run\n"));
  EXPECT_EQ(nlohmann::json::parse(status_json({}, facts))["tables"][1], "public.block_run");
}

TEST(StatusReport, TheJsonOfNothingIsWhole) {
  const auto json = nlohmann::json::parse(status_json({}, {}));
  EXPECT_EQ(json["exists"], false);
  EXPECT_TRUE(json["wal_status"].is_null());
  EXPECT_TRUE(json["in_flight_bytes"].is_null());
}

TEST(StatusReport, AGapNamesTheWayOn) {
  auto facts = idle();
  facts.slot.reset();
  facts.given.to = "pubsub://p/t";
  EXPECT_THAT(status_text({}, facts),
              HasSubstr("walpulse-connector recover --admin-dsn 'dbname=mage user=mage' --to "
                        "pubsub://p/t\n"));
}

TEST(StatusReport, SaysFromWhereOnHistoryCanBeReplayedAndWhatItCosts) {
  auto facts = idle();
  EXPECT_THAT(status_text({}, facts), HasSubstr("nothing: there is no anchor walpulse_anchor"));
  EXPECT_TRUE(nlohmann::json::parse(status_json({}, facts))["oldest_replayable_lsn"].is_null());
  facts.anchor = facts.slot;
  facts.anchor->confirmed_flush_lsn = Lsn{0x800};
  facts.anchor->retained_bytes = 2 << 20;
  EXPECT_THAT(status_text({}, facts), HasSubstr("from 0/800\n"));
  facts.oldest_commit = Timestamp(std::chrono::seconds(1'763'600'000));
  EXPECT_THAT(status_text({}, facts), HasSubstr("from 0/800, 2025-11-20T00:53:20.000000Z"));
  EXPECT_THAT(status_text({}, facts), HasSubstr("walpulse_anchor, keeps 2.0 MiB of WAL"));
  const auto json = nlohmann::json::parse(status_json({}, facts));
  EXPECT_EQ(json["oldest_replayable_lsn"], "0/800");
  EXPECT_EQ(json["oldest_replayable_time"], "2025-11-20T00:53:20.000000Z");
  EXPECT_EQ(json["anchor_retained_wal_bytes"], 2 << 20);
}

TEST(StatusReport, ALostAnchorIsNoGapAndNamesSetup) {
  auto facts = idle();
  facts.anchor = facts.slot;
  facts.anchor->wal_status = "lost";
  EXPECT_EQ(capture_state(facts), CaptureState::idle);
  EXPECT_THAT(
      status_text({}, facts),
      HasSubstr("made anew by walpulse-connector setup --admin-dsn 'dbname=mage user=mage'\n"));
  const auto json = nlohmann::json::parse(status_json({}, facts));
  EXPECT_TRUE(json["oldest_replayable_lsn"].is_null());
  EXPECT_EQ(json["anchor_wal_status"], "lost");
}

TEST(HumanBytes, UsesBinaryUnits) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(std::int64_t{10} << 30), "10.0 GiB");
}

}  // namespace
}  // namespace walpulse::connector
