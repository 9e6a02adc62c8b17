#include "monitor/notify/problem_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

using ::testing::HasSubstr;

constexpr Timestamp kTen{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) +
                         std::chrono::hours(10)};

Problem failing() {
  Problem problem;
  problem.id = 31;
  problem.finding.key = {ProblemKind::failing, "mage", "sync partner=acme", ""};
  problem.finding.since = kTen;
  problem.finding.evidence = {
      {"failed_in_a_row", "3"}, {"run", "812"}, {"pipeline", "sync"}, {"owner", "the crm team"}};
  problem.opened = kTen + std::chrono::seconds(7);
  return problem;
}

nlohmann::json fields(const AlertLine& line) {
  return nlohmann::json::parse("{" + line.fields + "}");
}

TEST(ProblemLog, SaysWhatSinceWhenAndWhy) {
  const AlertLine line = problem_line(failing(), "https://mage.example.com/");
  EXPECT_STREQ(line.severity, "WARNING");
  EXPECT_EQ(line.message,
            "Failing: sync partner=acme since=2026-11-28T10:00:00.000000Z failed_in_a_row=3 "
            "run=812 pipeline=sync owner=\"the crm team\"");
  EXPECT_EQ(line.group, "problem_failing sync partner=acme");
  EXPECT_EQ(fields(line), nlohmann::json::parse(R"({
    "event": "problem_opened", "problem": 31, "kind": "failing", "problem_severity": "notify",
    "source": "mage", "subject": "sync partner=acme", "since": "2026-11-28T10:00:00.000000Z",
    "opened": "2026-11-28T10:00:07.000000Z",
    "evidence": {"failed_in_a_row": "3", "run": "812", "pipeline": "sync",
                 "owner": "the crm team"},
    "link": "https://mage.example.com/pipelines/sync/runs/812"})"));
}

TEST(ProblemLog, SaysThatItIsOver) {
  Problem problem = failing();
  problem.finding.severity = Severity::page;
  EXPECT_STREQ(problem_line(problem, "").severity, "ERROR");
  problem.closed = kTen + std::chrono::minutes(90);
  const AlertLine line = problem_line(problem, "");
  EXPECT_STREQ(line.severity, "INFO");
  EXPECT_THAT(line.message, HasSubstr("Failing is over: sync partner=acme since=2026-11-28T10:00"));
  EXPECT_THAT(line.message, HasSubstr(" until=2026-11-28T11:30:00.000000Z"));
  EXPECT_EQ(fields(line)["event"], "problem_closed");
  EXPECT_EQ(fields(line)["duration_s"], 5400);
  EXPECT_FALSE(fields(line).contains("link"));
}

TEST(ProblemLog, OfASourceItNamesTheSource) {
  Problem problem;
  problem.finding.key = {ProblemKind::scheduler, "mage", "", ""};
  problem.finding.severity = Severity::record;
  const AlertLine line = problem_line(problem, "");
  EXPECT_STREQ(line.severity, "INFO");
  EXPECT_THAT(line.message, HasSubstr("Mage's scheduler starts nothing: mage since="));
}

TEST(ProblemLog, BytesThatAreNoTextStayInTheLine) {
  Problem problem = failing();
  problem.finding.key.subject = "a\"b\n\xff";
  problem.finding.key.instance = "\x01";
  EXPECT_EQ(fields(problem_line(problem, ""))["subject"], "a\"b\n\xEF\xBF\xBD");
}

TEST(ProblemLog, TheFirstLookIsOneLine) {
  ProblemNews news;
  news.found = {failing(), failing(), failing()};
  news.found[1].finding.key.kind = ProblemKind::not_started;
  const AlertLine line = first_look_line(news);
  EXPECT_EQ(line.message,
            "problems that were there before walpulse looked: Failing 2, Did not start 1; "
            "walpulse-monitor problems lists them");
  EXPECT_EQ(fields(line), nlohmann::json::parse(R"({"event": "problems_found", "count": 3,
    "kinds": {"failing": 2, "not_started": 1}})"));
}

TEST(ProblemLog, ASourceThatIsWatchedFromNowOnIsSaid) {
  const AlertLine line = watched_line("mage");
  EXPECT_STREQ(line.severity, "INFO");
  EXPECT_EQ(line.message, "problems of this source are told from now on source=mage");
  EXPECT_EQ(fields(line),
            nlohmann::json::parse(R"({"event": "source_watched", "source": "mage"})"));
}

TEST(ProblemLog, KeepsWhatIsMutedBelowWhatAlerts) {
  const AlertLine line = problem_line(failing(), "", "ana@example.com");
  EXPECT_STREQ(line.severity, "INFO");
  EXPECT_EQ(fields(line)["muted_by"], "ana@example.com");
  EXPECT_EQ(fields(line)["event"], "problem_opened");
  EXPECT_FALSE(fields(problem_line(failing(), "")).contains("muted_by"));
}

TEST(ProblemLog, WarnsOfAMuteThatRanOutOverAnOpenProblem) {
  EndedMute mute{3, "daily_*", "vendor is down", "ana", true, {failing()}};
  EXPECT_STREQ(unmuted_line(mute).severity, "WARNING");
  EXPECT_EQ(fields(unmuted_line(mute))["event"], "mute_ended");
  EXPECT_EQ(fields(unmuted_line(mute))["problems"].size(), 1u);
  mute.open.clear();
  EXPECT_STREQ(unmuted_line(mute).severity, "INFO");
}

}  // namespace
}  // namespace walpulse::monitor
