#include "monitor/reading/pipeline_state.h"

#include <gmock/gmock.h>

namespace walpulse::monitor::reading {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Problem problem(ProblemKind kind, Severity severity, Evidence evidence) {
  Problem made;
  made.finding.key.kind = kind;
  made.finding.severity = severity;
  made.finding.evidence = std::move(evidence);
  return made;
}

const Problem kOfAPartner = problem(
    ProblemKind::failing, Severity::notify,
    {{"run", "812"}, {"label.partner", "acme"}, {"label.region", "eu"}, {"failed_in_a_row", "3"}});
const Problem kOfAll = problem(ProblemKind::too_long, Severity::page, {{"run", "813"}});

TEST(PipelineState, SaysWhoseRunsTheWorstProblemIsOf) {
  const PipelineState state = state_of({}, {{&kOfAPartner}}, Timestamp{});
  EXPECT_EQ(state.word, "failing");
  EXPECT_THAT(state.labels, UnorderedElementsAre(Pair("partner", "acme"), Pair("region", "eu")));
}

TEST(PipelineState, OfAProblemThatAllRunsShareThereIsNobodyToName) {
  const PipelineState both = state_of({}, {{&kOfAPartner}, {&kOfAll}}, Timestamp{});
  EXPECT_EQ(both.word, "too_long");
  EXPECT_EQ(both.problem_count, 2u);
  EXPECT_THAT(both.labels, IsEmpty());
  EXPECT_THAT(state_of({}, {}, Timestamp{}).labels, IsEmpty());
}

TEST(PipelineState, AMutedProblemGivesWayToOneThatIsNot) {
  const PipelineState state = state_of({}, {{&kOfAll, true}, {&kOfAPartner}}, Timestamp{});
  EXPECT_EQ(state.word, "failing");
  EXPECT_THAT(state.labels, UnorderedElementsAre(Pair("partner", "acme"), Pair("region", "eu")));
}

}  // namespace
}  // namespace walpulse::monitor::reading
