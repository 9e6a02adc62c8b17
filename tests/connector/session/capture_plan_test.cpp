#include "connector/session/capture_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const CapturedTable kRunTable{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}};
const CapturedTable kTriggerTable{{"public", "pipeline_schedule"}, Oid{16413}, Oid{16501}};
const CapturedTable kBlockTable{{"public", "block_run"}, Oid{16414}, Oid{16502}};

CaptureIdentity of(std::vector<CapturedTable> tables) {
  CaptureIdentity identity;
  identity.tables = std::move(tables);
  return identity;
}

const CaptureIdentity kSeveral = of({kRunTable, kTriggerTable, kBlockTable});

PublishOptions everything() {
  PublishOptions publish;
  publish.columns = {"variables",
                     "token",
                     "pipeline_schedule.variables",
                     "pipeline_schedule.token",
                     "block_run.metrics",
                     "pipeline_run.metrics"};
  publish.labels = {{"partner", "variables", {"partner"}}};
  publish.block_error = true;
  return publish;
}

TEST(TableOptions, AColumnWithoutATableIsOfTheRuns) {
  const auto runs = table_options(kSeveral, kRunTable, everything());
  EXPECT_THAT(runs.columns, ElementsAre("variables", "token", "metrics"));
  EXPECT_EQ(runs.labels.size(), 1u);
  EXPECT_FALSE(runs.error);
  EXPECT_EQ(runs.order_column, "");
}

TEST(TableOptions, OfATriggerTheSettingsLeaveAndTheTokenNever) {
  PublishOptions publish;
  EXPECT_THAT(table_options(kSeveral, kTriggerTable, publish).columns,
              ElementsAre("settings", "schedule_type"));
  publish.columns = {"variables", "token"};
  EXPECT_THAT(table_options(kSeveral, kTriggerTable, publish).columns,
              ElementsAre("settings", "schedule_type"));
  const auto options = table_options(kSeveral, kTriggerTable, everything());
  EXPECT_THAT(options.columns, ElementsAre("variables", "token", "settings", "schedule_type"));
  EXPECT_THAT(options.never, ElementsAre("token"));
  EXPECT_THAT(options.labels, IsEmpty());
}

TEST(TableOptions, OfABlockTheErrorLeavesWhereItIsAskedForAndItsKeyIsTheRuns) {
  EXPECT_FALSE(table_options(kSeveral, kBlockTable, {}).error);
  const auto options = table_options(kSeveral, kBlockTable, everything());
  ASSERT_TRUE(options.error);
  EXPECT_EQ(options.error->status, "FAILED");
  EXPECT_EQ(options.order_column, "pipeline_run_id");
  EXPECT_THAT(options.columns, ElementsAre("metrics"));
}

TEST(TableOptions, ACaptureOfOneTableIsAsItEverWas) {
  PublishOptions publish;
  publish.block_error = true;
  publish.columns = {"variables"};
  publish.labels = {{"partner", "variables", {"partner"}}};
  for (const CapturedTable& table : kSeveral.tables) {
    const auto options = table_options(of({table}), table, publish);
    EXPECT_THAT(options.columns, ElementsAre("variables"));
    EXPECT_EQ(options.labels.size(), 1u);
    EXPECT_FALSE(options.error);
    EXPECT_EQ(options.order_column, "");
  }
}

TEST(TableOptions, ATriggersTokenStaysHomeAlsoWhereItIsTheOnlyTable) {
  EXPECT_THAT(table_options(of({kTriggerTable}), kTriggerTable, everything()).never,
              ElementsAre("token"));
}

std::string problem_of(const CapturedTable& table, const PublishOptions& options) {
  const auto problem = column_problem(kSeveral, table, options, {"id", "variables", "status"});
  return problem ? to_string(*problem) : "";
}

TEST(ColumnProblem, IsAColumnThatTheTableHasNot) {
  PublishOptions label, column, other;
  label.labels = {{"partner", "variabels", {"partner"}}};
  column.columns = {"block_run.metrics"};
  other.columns = {"nothing_like_it"};
  EXPECT_EQ(problem_of(kRunTable, label),
            "--label partner=variabels: the table public.pipeline_run has no column variabels; did "
            "you mean the column variables?");
  EXPECT_EQ(problem_of(kBlockTable, column),
            "--column block_run.metrics: the table public.block_run has no column metrics; name "
            "one that it "
            "has, or leave the option out");
  EXPECT_NE(problem_of(kRunTable, other), "");
  EXPECT_EQ(problem_of(kTriggerTable, label), "") << "labels are of the runs";
  EXPECT_EQ(problem_of(kRunTable, column), "") << "it is of another table";
}

TEST(ColumnProblem, IsNoneOfWhatIsThereOrOfATableThatIsGone) {
  PublishOptions fits, astray;
  fits.labels = {{"partner", "variables", {"partner"}}};
  fits.columns = {"status", "pipeline_run.id", "block_run.variables"};
  astray.columns = {"nowhere"};
  for (const CapturedTable& table : kSeveral.tables) EXPECT_EQ(problem_of(table, fits), "");
  EXPECT_EQ(problem_of(kTriggerTable, {}), "") << "nobody gave its settings as an option";
  EXPECT_FALSE(column_problem(kSeveral, kRunTable, astray, {}));
}

}  // namespace
}  // namespace walpulse::connector
