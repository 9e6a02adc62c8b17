#include "monitor/storage/run_codec.h"

#include <gtest/gtest.h>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_state_codec.h"
#include "tests/monitor/ledger_events.h"
#include "tests/monitor/storage/golden/third_format.h"

namespace walpulse::monitor {
namespace {

Run sample() {
  Run run;
  Entry entry;
  entry.position = {1763600000, Lsn{0xFFFFFFFF00}, 0};
  entry.commit_time = Timestamp(std::chrono::seconds(1763600100));
  entry.status = "INITIAL";
  entry.created_at = kMinusInfinity;
  entry.schedule_id = -7;
  entry.execution_date = kInfinity;
  entry.pipeline = "daily_sales";
  entry.labels = {{"partner", "acme"}, {"empty", ""}};
  run.timeline.push_back(entry);
  entry.position.commit_lsn.value += 300;
  entry.operation = schema::Operation::update;
  entry.status = "ON_HOLD";
  entry.started_at = kInfinity;
  entry.completed_at = Timestamp(std::chrono::microseconds(1));
  entry.backfill_id = INT64_MAX;
  entry.passed_sla = true;
  entry.execution_date = Timestamp(std::chrono::seconds(1763600000));
  run.timeline.push_back(entry);
  run.timeline.push_back(make_end({1763600001, Lsn{1}, 3}, entry.commit_time));
  entry.position.epoch = 1763600002;
  entry.operation = schema::Operation::insert;
  entry.key_changed = true;
  run.timeline.push_back(entry);
  run.timeline[1].arrived = IntakeTime(0);
  run.timeline[3].arrived = IntakeTime(INT64_MAX);
  run.timeline[3].replayed = true;
  run.floor = schema::Position{1, Lsn{2}, schema::Position::kSnapshot};
  run.counted = {{StepKind::finished, "FAILED", {{"pipeline", "a"}}, 2},
                 {StepKind::created, "", {{"pipeline", "a"}}, 1},
                 {StepKind::created, "", {}, 1}};
  run.state.active = true;
  run.state.status = "ON_HOLD";
  run.state.pipeline = "daily_sales";
  run.state.since = kInfinity;
  run.state.success = End{{1, Lsn{2}, 3}, kMinusInfinity};
  run.state.failed = End{{}, kInfinity};
  run.state.schedule = INT64_MIN;
  run.state.slot = kMinusInfinity;
  run.state.labels = encode_labels({{"empty", ""}, {"partner", "acme"}});
  run.state.due = std::chrono::seconds(9);
  run.state.finish = RunFinish{kMinusInfinity, std::chrono::microseconds::max()};
  return run;
}

TEST(RunCodec, GivesBackWhatItWasGiven) {
  const auto run = sample();
  const auto decoded = decode_run(encode_run(run));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->timeline, run.timeline);
  EXPECT_EQ(decoded->floor, run.floor);
  EXPECT_EQ(decoded->counted, run.counted);
  EXPECT_EQ(decoded->state, run.state);
}

TEST(RunCodec, KeepsAStateWithoutEntriesAndARunWithoutAState) {
  auto run = sample();
  run.timeline.clear();
  EXPECT_EQ(decode_run(encode_run(run))->state, run.state);
  run = sample();
  run.state = {};
  EXPECT_EQ(decode_run(encode_run(run))->state, RunState{});
}

TEST(RunCodec, ReadsTheThirdFormat) {
  using namespace testing;
  const auto retried = stored_run({1, 2}, bytes_of_digits(kThirdFormatRetried));
  ASSERT_TRUE(retried);
  EXPECT_TRUE(retried->outdated);
  const Timeline& timeline = retried->run.timeline;
  ASSERT_EQ(timeline.size(), 4u);
  EXPECT_EQ(timeline.front().schedule_id, 7);
  EXPECT_EQ(timeline.front().execution_date, kMinusInfinity);
  EXPECT_EQ(timeline.front().labels, (std::vector<schema::Label>{{"partner", "acme"}}));
  EXPECT_EQ(timeline.back().status, "RUNNING");
  EXPECT_EQ(timeline.back().commit_time, at(23));
  EXPECT_EQ(retried->run.counted.size(), 8u) << "seven, and what its blocks did at its end";
  RunState state;
  state.active = true;
  state.status = "RUNNING";
  state.pipeline = "daily";
  state.since = at(20);
  state.last_event = at(23);
  EXPECT_EQ(retried->run.state, state);

  const auto failed = stored_run({1, 5}, bytes_of_digits(kThirdFormatFailed));
  ASSERT_TRUE(failed);
  const Entry& last = failed->run.timeline.back();
  EXPECT_EQ(failed->run.state.failed, (End{last.position, last.commit_time}));
  EXPECT_EQ(last.commit_time, at(52));
  RunState anew = run_state(failed->run.timeline);
  EXPECT_TRUE(anew.finish);
  anew.finish.reset();
  EXPECT_EQ(failed->run.state, anew);

  EXPECT_FALSE(stored_run({1, 5}, encode_run(failed->run))->outdated);
  for (const std::string_view digits : {kThirdFormatRetried, kThirdFormatFailed})
    for (std::size_t size = 0; size < digits.size(); size += 2)
      EXPECT_FALSE(decode_run(bytes_of_digits(digits.substr(0, size)))) << size;
}

/// The second format was the same, and counted no failure by its cause: what it counted as FAILED
/// must not be told now. Nor of what blocks did at any end before the sixth.
TEST(RunCodec, WhatHadFailedBeforeCausesWereToldIsToldNoMore) {
  std::string bytes = testing::bytes_of_digits(testing::kThirdFormatFailed);
  const auto third = decode_run(bytes);
  bytes.front() = 2;
  const auto decoded = decode_run(bytes);
  ASSERT_TRUE(decoded && third);
  EXPECT_EQ(decoded->timeline, third->timeline);
  EXPECT_EQ(decoded->state, third->state);
  CountedMarks marks = third->counted;
  ASSERT_EQ(marks.back(), (CountedMark{StepKind::ended, "", marks.front().labels, 1}));
  marks.insert(marks.end() - 1, {StepKind::failed, "", marks.front().labels, 1});
  EXPECT_EQ(decoded->counted, marks);
}

TEST(RunCodec, RefusesTheFormatOfABuildToCome) {
  std::string bytes = encode_run(sample());
  bytes.front() = kRunFormat + 1;
  EXPECT_FALSE(decode_run(bytes));
}

TEST(RunCodec, KeepsTextsApartWhereItIsToldTo) {
  const auto run = sample();
  StringInterner texts;
  const std::string bytes = encode_run(run, &texts);
  EXPECT_LT(bytes.size(), encode_run(run).size());
  EXPECT_EQ(bytes, encode_run(run, &texts)) << "a text has one number";
  const auto decoded = decode_run(bytes, &texts);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->timeline, run.timeline);
  EXPECT_EQ(decoded->counted, run.counted);
  EXPECT_EQ(decoded->state, run.state);
  const StringInterner none;
  EXPECT_FALSE(decode_run(bytes, &none));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_run(std::string_view(bytes).substr(0, size), &texts)) << size;
}

TEST(RunCodec, WritesWhatGetsNoNumberAsItIs) {
  auto run = sample();
  run.timeline[0].pipeline = std::string(StringInterner::kTextBytesMax + 1, 'p');
  StringInterner texts;
  const auto decoded = decode_run(encode_run(run, &texts), &texts);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->timeline, run.timeline);
}

TEST(StringInterner, AreNumberedUpToABound) {
  StringInterner texts;
  for (std::size_t i = 0; i < StringInterner::kTextsMax; ++i)
    ASSERT_EQ(texts.number_of(std::to_string(i)), i);
  EXPECT_FALSE(texts.number_of("one more"));
  EXPECT_EQ(texts.number_of("7"), 7u);
  EXPECT_EQ(texts.text(7), "7");
  EXPECT_FALSE(texts.text(StringInterner::kTextsMax));
}

TEST(RunCodec, RefusesEveryPrefixOfARun) {
  const std::string bytes = encode_run(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_run(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_run(bytes + 'x'));
}

TEST(RowCodec, PositionsSortAsTheirBytesDo) {
  const std::vector<schema::Position> sorted{
      {}, {0, Lsn{1}, -1}, {0, Lsn{1}, 0}, {0, Lsn{1}, 1}, {0, Lsn{256}, 0}, {1, Lsn{0}, -1}};
  for (std::size_t i = 1; i < sorted.size(); ++i)
    EXPECT_LT(encode_position(sorted[i - 1]), encode_position(sorted[i]));
  EXPECT_EQ(decode_position(encode_position(sorted[1])), sorted[1]);
}

TEST(RowCodec, NumbersComeBackAsTheyWere) {
  const telemetry::Distribution distribution{{0.5, 1e300}, {1, 0, 1ull << 60}, -0.25};
  for (const telemetry::Number& value : {telemetry::Number(std::int64_t{INT64_MIN}),
                                         telemetry::Number(-1.5), telemetry::Number(distribution)})
    EXPECT_EQ(decode_number(encode_number(value)), value);
}

}  // namespace
}  // namespace walpulse::monitor
