#include "decoder/mage/pipeline_run.h"

#include <gtest/gtest.h>

#include "tests/decoder/mage/run_row.h"
#include "tests/decoder/schema/event_reader.h"
#include "tests/decoder/schema/sample_event.h"

namespace walpulse::mage {
namespace {

using namespace schema;  // its samples

TEST(PipelineRun, ReadsTheColumnsByName) {
  SampleEvent sample;
  sample.after("status", kTextOid, value("RUNNING"))
      .after("variables", kJsonOid, absent())
      .after("id", kInt4Oid, value("812"))
      .after("created_at", kTimestamptzOid, value("1970-01-01 00:00:01+00"))
      .after("pipeline_schedule_id", kInt4Oid, value("7"))
      .after("pipeline_uuid", kTextOid, value("daily_sales"))
      .after("execution_date", kTimestamptzOid, value("1970-01-01T00:00:02Z"))
      .after("passed_sla", kBoolOid, value("t"))
      .after("backfill_id", kInt4Oid, null())
      .after("started_at", kTimestamptzOid, unchanged());
  const Result<PipelineRun> run = read_pipeline_run(sample.table, sample.event.after);
  ASSERT_TRUE(run) << run.error().message;
  PipelineRun expected;
  expected.id = 812;
  expected.status = "RUNNING";
  expected.created_at = Timestamp{std::chrono::seconds{1}};
  expected.pipeline_schedule_id = 7;
  expected.pipeline_uuid = "daily_sales";
  expected.execution_date = Timestamp{std::chrono::seconds{2}};
  expected.passed_sla = true;
  EXPECT_EQ(*run, expected);
}

TEST(PipelineRun, ReadsTheSameFromAParsedEvent) {
  SampleEvent sample;
  sample.id({}, value("812"))
      .after("created_at", kTimestamptzOid, value("2025-01-02 03:04:05.6+00"))
      .after("passed_sla", kBoolOid, value("f"));
  const Result<schema::OwnedEvent> parsed = schema::parse_event(sample.json());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*read_pipeline_run(*(*parsed)->table, (*parsed)->after),
            *read_pipeline_run(sample.table, sample.event.after));
}

TEST(PipelineRun, NeedsAnId) {
  for (const schema::Cell& id : {null(), unchanged(), absent()}) {
    SampleEvent sample;
    sample.id({}, id);
    EXPECT_FALSE(read_pipeline_run(sample.table, sample.event.after));
  }
  EXPECT_FALSE(read_pipeline_run(schema::Table{}, schema::Row{}));
}

TEST(PipelineRun, NamesTheColumnThatDoesNotReadButNotItsValue) {
  struct {
    const char* column;
    Oid type;
  } cases[] = {{"id", kInt4Oid},
               {"backfill_id", kInt4Oid},
               {"passed_sla", kBoolOid},
               {"started_at", kTimestamptzOid}};
  for (const auto& bad : cases) {
    SampleEvent sample;
    sample.id({}, value("812")).after(bad.column, bad.type, value("secret"));
    if (bad.column == std::string("id")) sample.event.after[0] = value("secret");
    const Result<PipelineRun> run = read_pipeline_run(sample.table, sample.event.after);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind, ErrorKind::malformed);
    EXPECT_NE(run.error().message.find(bad.column), std::string::npos);
    EXPECT_EQ(run.error().message.find("secret"), std::string::npos);
  }
}

TEST(PipelineRun, TakesAnyStatusAndKnowsThreeThatEndARun) {
  SampleEvent sample;
  sample.id({}, value("1")).after("status", kTextOid, value("PAUSED_TOMORROW"));
  EXPECT_EQ(read_pipeline_run(sample.table, sample.event.after)->status, "PAUSED_TOMORROW");
  EXPECT_TRUE(is_terminal(kCompleted) && is_terminal(kFailed) && is_terminal(kCancelled));
  EXPECT_FALSE(is_terminal(kRunning) || is_terminal("PAUSED_TOMORROW") || is_terminal("completed"));
}

}  // namespace
}  // namespace walpulse::mage
