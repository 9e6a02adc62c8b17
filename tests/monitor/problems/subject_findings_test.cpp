#include "monitor/problems/subject_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};

Subject quiet() {
  Subject subject;
  subject.source = "mage";
  subject.name = "daily_sales";
  subject.known_since = kNow - 1000h;
  return subject;
}

ActiveRun run(std::int64_t id, std::chrono::microseconds age, bool initial = false) {
  return {id, initial, kNow - age, false};
}

std::vector<ProblemKind> kinds(const Subject& subject, const Limits& limits = {}) {
  std::vector<ProblemKind> found;
  for (const Finding& one : subject_findings(subject, limits, kNow)) found.push_back(one.key.kind);
  return found;
}

TEST(SubjectFindings, NothingOfASubjectThatIsWell) {
  Subject subject = quiet();
  EXPECT_THAT(kinds(subject), IsEmpty());
  subject.last_success = kNow - 900h;
  subject.active = {run(1, 100h), run(2, 14min, true)};
  EXPECT_THAT(kinds(subject), IsEmpty()) << "how long a run may take is said by rules alone";
}

TEST(SubjectFindings, FailingSinceTheFirstOfTheEndsInARow) {
  Subject subject = quiet();
  subject.failed = {3, kNow - 5h, kNow - 1h, 814};
  const auto found = subject_findings(subject, {}, kNow);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].key, (ProblemKey{ProblemKind::failing, "mage", "daily_sales", ""}));
  EXPECT_EQ(found[0].since, kNow - 5h);
  EXPECT_THAT(found[0].evidence,
              ElementsAre(std::pair("failed_in_a_row", "3"), std::pair("run", "814"),
                          std::pair("last_failed", "2026-11-27T23:00:00.000000Z")));
  Limits off;
  off.fail_after.reset();
  EXPECT_THAT(kinds(subject, off), IsEmpty());
  Limits patient;
  patient.fail_after = 3;
  EXPECT_THAT(kinds(subject, patient), ElementsAre(ProblemKind::failing));
  patient.fail_after = 4;
  EXPECT_THAT(kinds(subject, patient), IsEmpty());
}

TEST(SubjectFindings, StaleSinceTheLastSuccessOrSinceItIsKnown) {
  Subject subject = quiet();
  Limits limits;
  limits.fresh_within = 26h;
  subject.last_success = kNow - 26h;
  EXPECT_THAT(kinds(subject, limits), ElementsAre(ProblemKind::stale));
  subject.last_success = kNow - 25h;
  EXPECT_THAT(kinds(subject, limits), IsEmpty());
  subject.last_success.reset();
  EXPECT_THAT(kinds(subject, limits), ElementsAre(ProblemKind::stale));
  subject.known_since = kNow - 1h;
  EXPECT_THAT(kinds(subject, limits), IsEmpty()) << "a ledger of an hour knows of no older success";
  subject.last_success = kMinusInfinity;
  EXPECT_THAT(kinds(subject, limits), IsEmpty());
}

TEST(SubjectFindings, NotRunningSinceTheLastEnd) {
  Subject subject = quiet();
  Limits limits;
  limits.down_for = 5min;
  subject.last_success = kNow - 6min;
  EXPECT_THAT(kinds(subject, limits), ElementsAre(ProblemKind::not_running));
  subject.active = {run(1, 1min, true)};
  EXPECT_THAT(kinds(subject, limits), ElementsAre(ProblemKind::not_running));
  subject.active = {run(1, 1min)};
  EXPECT_THAT(kinds(subject, limits), IsEmpty());
  subject.active.clear();
  subject.last_success = kNow - 4min;
  EXPECT_THAT(kinds(subject, limits), IsEmpty());
}

TEST(SubjectFindings, WhatWasCancelledAMomentAgoWasUpUntilThen) {
  Subject subject = quiet();
  subject.last_event = kNow - 1min;
  subject.active = {run(1, 1min, true)};
  Limits limits;
  limits.down_for = 5min;
  EXPECT_THAT(kinds(subject, limits), IsEmpty());
  EXPECT_EQ(next_finding(subject, limits, kNow), kNow + 4min);
}

TEST(SubjectFindings, NotDoneFromTheDeadlineUntilItIsDone) {
  const Subject subject = quiet();
  Limits limits;
  limits.deadline = {kNow, false};
  const auto found = subject_findings(subject, limits, kNow);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].key.instance, "2026-11-28T00:00:00.000000Z");
  EXPECT_EQ(found[0].since, kNow);
  limits.deadline->done = true;
  EXPECT_THAT(kinds(subject, limits), IsEmpty());
  limits.deadline = {kNow + 1us, false};
  EXPECT_THAT(kinds(subject, limits), IsEmpty()) << "the watermark has not passed it";
}

TEST(SubjectFindings, SaysWhenTimeAloneWillFindMore) {
  Subject subject = quiet();
  Limits limits;
  EXPECT_EQ(next_finding(subject, limits, kNow), kInfinity);
  limits.fresh_within = 26h;
  subject.last_success = kNow - 25h - 45min;
  EXPECT_EQ(next_finding(subject, limits, kNow), kNow + 15min);
  limits.deadline = {kNow + 5min, false};
  EXPECT_EQ(next_finding(subject, limits, kNow), kNow + 5min);
  for (const Timestamp odd : {kInfinity, kMinusInfinity}) {
    subject.last_success = odd;
    EXPECT_EQ(next_finding(subject, limits, kNow), kNow + 5min);
  }
}

TEST(SubjectFindings, FromTheInstantThatItSaidOnThereIsMore) {
  Subject subject = quiet();
  subject.last_success = kNow - 3h;
  Limits limits;
  limits.down_for = 200min;
  limits.fresh_within = 4h;
  limits.deadline = {kNow + 2h, false};
  Timestamp as_of = kNow;
  for (std::size_t count = 0; count < 3; ++count) {
    const Timestamp next = next_finding(subject, limits, as_of);
    EXPECT_THAT(subject_findings(subject, limits, next - 1us), SizeIs(count));
    EXPECT_THAT(subject_findings(subject, limits, next), SizeIs(count + 1));
    as_of = next;
  }
  EXPECT_EQ(next_finding(subject, limits, as_of), kInfinity);
}

}  // namespace
}  // namespace walpulse::monitor
