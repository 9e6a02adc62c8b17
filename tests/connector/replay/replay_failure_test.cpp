#include "connector/replay/replay_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Action = ReplayVerdict::Action;

ReplayContext with_anchor(bool streaming = false) {
  SlotState anchor;
  anchor.wal_status = "reserved";
  return {.streaming = streaming, .anchor = std::optional(anchor), .slots_max = 10};
}

ReplayVerdict judge(ReplayPhase phase, const char* sqlstate, const ReplayContext& context,
                    ErrorKind kind = ErrorKind::rejected) {
  return judge_replay(SourceOptions{}, {phase, {kind, "the server's words", "", sqlstate}},
                      context);
}

TEST(JudgeReplay, AFullTempFileLimitMeansToStream) {
  EXPECT_EQ(judge(ReplayPhase::read, "53400", with_anchor()).action, Action::stream);
  EXPECT_EQ(judge(ReplayPhase::read, "53100", with_anchor()).action, Action::stream)
      << "and so does a full disk";
}

TEST(JudgeReplay, TheSameStateWhileCopyingMeansThatNoSlotIsFree) {
  const auto verdict = judge(ReplayPhase::copy, "53400", with_anchor());
  EXPECT_EQ(verdict.action, Action::fatal);
  EXPECT_THAT(verdict.error.message, HasSubstr("all 10 of this server are in use"));
  EXPECT_THAT(verdict.error.remedy, HasSubstr("raise max_replication_slots"));
  EXPECT_EQ(verdict.error.code, "53400");
}

TEST(JudgeReplay, AStreamHasNoOtherWayToSwitchTo) {
  EXPECT_EQ(judge(ReplayPhase::read, "53100", with_anchor(true)).action, Action::retry);
}

TEST(JudgeReplay, AMissingOrLostAnchorNamesTheRemedies) {
  ReplayContext missing = with_anchor();
  missing.anchor = std::optional<SlotState>();
  const auto gone = judge(ReplayPhase::copy, "42704", missing);
  EXPECT_EQ(gone.action, Action::fatal);
  EXPECT_THAT(gone.error.message, HasSubstr("walpulse_anchor"));
  EXPECT_THAT(gone.error.remedy, AllOf(HasSubstr("setup --replay-window"), HasSubstr("snapshot")));
  ReplayContext lost = with_anchor();
  (*lost.anchor)->wal_status = "lost";
  const auto invalid = judge(ReplayPhase::read, "55000", lost);
  EXPECT_EQ(invalid.action, Action::fatal);
  EXPECT_THAT(invalid.error.message, HasSubstr("invalidated"));
  EXPECT_THAT(invalid.error.remedy, AllOf(HasSubstr("setup"), HasSubstr("snapshot")));
}

TEST(JudgeReplay, APublicationThatDidNotExistThenIsSaidSo) {
  const auto verdict = judge(ReplayPhase::read, "42704", with_anchor());
  EXPECT_EQ(verdict.action, Action::fatal);
  EXPECT_THAT(verdict.error.message,
              AllOf(HasSubstr("did not exist"), HasSubstr("the server's words")));
  EXPECT_THAT(verdict.error.remedy, HasSubstr("--from"));
}

TEST(JudgeReplay, WhatPassesIsTriedAgain) {
  for (const auto phase : {ReplayPhase::connect, ReplayPhase::copy, ReplayPhase::read}) {
    EXPECT_EQ(judge(phase, "", {}, ErrorKind::unavailable).action, Action::retry);
    for (const char* state : {"57P01", "25P03", "25P04", "57P05", "58P01", "58030"}) {
      EXPECT_EQ(judge(phase, state, with_anchor()).action, Action::retry) << state;
    }
  }
}

TEST(JudgeReplay, WhatIsMalformedOrTheSinkRefusesIsNot) {
  EXPECT_EQ(judge(ReplayPhase::read, "", with_anchor(), ErrorKind::malformed).action,
            Action::fatal);
  EXPECT_EQ(judge(ReplayPhase::publish, "53400", with_anchor()).action, Action::fatal);
}

}  // namespace
}  // namespace walpulse::connector
