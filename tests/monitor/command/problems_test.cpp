#include "monitor/command/problems.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + 12h};

Problem problem(ProblemKind kind, const std::string& subject, std::chrono::seconds ago,
                Severity severity = Severity::notify) {
  Problem made;
  made.finding.key = {kind, "mage", subject, ""};
  made.finding.since = kNoon - ago;
  made.finding.severity = severity;
  made.opened = made.finding.since + 5s;
  return made;
}

TEST(Problems, SaysThatThereIsNothing) {
  EXPECT_EQ(problems_text({}, kNoon), "Nothing needs you.\n");
}

TEST(Problems, ThoseToBeWokenForFirstThenTheNewestAndWhatHasACauseBelowIt) {
  KnownProblems known;
  known.open = {problem(ProblemKind::failing, "old", 50h),
                problem(ProblemKind::not_started, "child", 20min),
                problem(ProblemKind::failing, "new", 61s),
                problem(ProblemKind::scheduler, "", 30min, Severity::page),
                problem(ProblemKind::waiting, "quiet", 4h, Severity::record),
                problem(ProblemKind::not_started, "orphan", 3h + 5min)};
  known.open[0].finding.evidence = {{"failed_in_a_row", "3"}, {"run", "812"}};
  known.open[1].finding.cause = known.open[3].finding.key;
  known.open[5].finding.cause = ProblemKey{ProblemKind::scheduler, "another", "", ""};
  EXPECT_EQ(problems_text(known, kNoon),
            R"(Mage's scheduler starts nothing: mage, since 2026-11-28 11:30:00 UTC (30 min), page
    Did not start: child (mage), since 2026-11-28 11:40:00 UTC (20 min)
Failing: new (mage), since 2026-11-28 11:58:59 UTC (1 min)
Did not start: orphan (mage), since 2026-11-28 08:55:00 UTC (3 h 5 min)
Failing: old (mage), since 2026-11-26 10:00:00 UTC (2 d 2 h)
    failed_in_a_row=3  run=812
Waiting to start: quiet (mage), since 2026-11-28 08:00:00 UTC (4 h), record
)");
}

TEST(Problems, AllShowsWhatIsOver) {
  KnownProblems known;
  known.closed = {problem(ProblemKind::failing, "sync", 2h)};
  known.closed[0].closed = kNoon - 1h;
  EXPECT_EQ(problems_text(known, kNoon), R"(Nothing needs you.

Over:
Failing: sync (mage), over since 2026-11-28 11:00:00 UTC, had lasted 1 h
)");
}

TEST(Problems, ListsWhatWasNotMadeGood) {
  EXPECT_EQ(failed_slots_text({}), "");
  EXPECT_EQ(failed_slots_text({{"mage", "sync", "nightly", kNoon - 9h, 812}}), R"(
Not made good (the slot's run failed, and none completed since):
sync (mage), nightly, slot 2026-11-28 03:00:00 UTC, run 812
)");
}

TEST(Problems, AsJsonOneObjectALine) {
  KnownProblems known;
  known.open = {problem(ProblemKind::not_started, "sy\"nc", 20min)};
  known.open[0].id = 4;
  known.open[0].finding.key.instance = "7";
  known.open[0].finding.cause = ProblemKey{ProblemKind::scheduler, "mage", "", ""};
  known.open[0].finding.evidence = {{"slot", "s"}};
  EXPECT_EQ(nlohmann::json::parse(problems_json(known)), nlohmann::json::parse(R"({
    "id": 4, "state": "open", "kind": "not_started", "severity": "notify", "source": "mage",
    "subject": "sy\"nc", "instance": "7", "since": "2026-11-28T11:40:00.000000Z",
    "opened": "2026-11-28T11:40:05.000000Z", "cause": "scheduler", "evidence": {"slot": "s"}})"));
  EXPECT_EQ(problems_json({}), "");
}

TEST(Problems, ShowsWhatIsMutedAsMuted) {
  KnownProblems known;
  known.open = {problem(ProblemKind::failing, "sync", 2h)};
  Mute mute;
  mute.id = 3;
  mute.pipeline = "s*";
  mute.created_by = "ana";
  mute.reason = "vendor is down";
  mute.until = kNoon + 1h;
  known.mutes = {mute};
  EXPECT_EQ(problems_text(known, kNoon),
            "Failing: sync (mage), since 2026-11-28 10:00:00 UTC (2 h)\n"
            "    muted until 2026-11-28 13:00:00 UTC, ana: vendor is down (mute 3)\n");
  const auto json = nlohmann::json::parse(problems_json(known));
  EXPECT_EQ(json["state"], "open");
  EXPECT_EQ(json["muted"]["mute"], 3);
  EXPECT_EQ(json["muted"]["by"], "ana");
}

}  // namespace
}  // namespace walpulse::monitor
