#include <map>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class LedgerExport : public LedgerTest {
 protected:
  Export begin(double now) {
    auto begun = ledger().begin_export(at(now));
    EXPECT_TRUE(begun);
    return *std::move(begun);
  }
  void finish(const Export& done, const std::string& result = {}) {
    EXPECT_TRUE(
        ledger().finish_export(done, std::vector<ExportResult>(done.points.size(), result)));
  }
  Export export_all(double now) {
    Export done = begin(now);
    finish(done);
    return done;
  }
  static const telemetry::Point* find(const Export& done, std::string_view metric) {
    for (const DuePoint& due : done.points)
      if (due.descriptor->name == metric) return &due.point;
    return nullptr;
  }
  static bool holds(const Export& done, std::string_view metric) {
    return find(done, metric) != nullptr;
  }
};

constexpr auto kCreated = "pipeline_run/created_count";

TEST_P(LedgerExport, WritesWhatChangedAndTheRestEveryTenMinutes) {
  MageRun run(1, 1);
  apply({run.create(1)});
  EXPECT_TRUE(holds(export_all(10), kCreated));
  EXPECT_FALSE(holds(export_all(70), kCreated));
  apply({run.run(75)});
  const Export changed = export_all(130);
  EXPECT_FALSE(holds(changed, kCreated));
  EXPECT_TRUE(holds(changed, "pipeline_run/started_count"));
  EXPECT_TRUE(holds(export_all(610), kCreated));
}

TEST_P(LedgerExport, CountsAPointAsWrittenOnlyWhenItWas) {
  apply({MageRun(1, 1).create(1)});
  const Export lost = begin(10);
  EXPECT_TRUE(holds(lost, kCreated));
  EXPECT_TRUE(holds(begin(20), kCreated));
  finish(lost, "refused");
  const Export again = begin(30);
  EXPECT_TRUE(holds(again, kCreated));
  EXPECT_TRUE(holds(again, "export/failed_points_count"));
  EXPECT_EQ(number("export/failed_points_count", {{"reason", "refused"}}),
            static_cast<std::int64_t>(lost.points.size()));
}

TEST_P(LedgerExport, AChangeDuringAnExportIsDueInTheNext) {
  apply({MageRun(1, 1).create(1)});
  const Export under_way = begin(10);
  apply({MageRun(2, 1).create(2)});
  finish(under_way);
  const Export next = begin(20);
  ASSERT_TRUE(holds(next, kCreated));
  EXPECT_EQ(find(next, kCreated)->value, telemetry::Number(std::int64_t{2}));
}

TEST_P(LedgerExport, ASeriesStartsAtTheExportBeforeItsFirstObservation) {
  apply({MageRun(1, 1).create(1)});
  EXPECT_EQ(find(export_all(10), kCreated)->start, kBirth);
  const Export second = export_all(70);
  MageRun run(2, 1, "new");
  apply({run.create(75)});
  const Export third = export_all(130);
  ASSERT_TRUE(holds(third, kCreated));
  EXPECT_EQ(find(third, kCreated)->start, second.end);
  EXPECT_LT(find(third, kCreated)->start, third.end);
}

TEST_P(LedgerExport, EndsAreStrictlyLaterWhateverTheClockSays) {
  const Timestamp first = begin(100).end;
  const Timestamp second = begin(100).end;
  const Timestamp third = begin(-50).end;
  EXPECT_GE(second - first, std::chrono::milliseconds(1));
  EXPECT_GE(third - second, std::chrono::milliseconds(1));
}

TEST_P(LedgerExport, AnEndFarAheadOfTheClockIsIgnored) {
  begin(100'000);
  EXPECT_EQ(begin(200).end, at(200));
}

TEST_P(LedgerExport, WhatAStopLeftOutIsNoFailure) {
  apply({MageRun(1, 1).create(1)});
  finish(begin(10), "cancelled");
  EXPECT_EQ(number("export/failed_points_count", {{"reason", "cancelled"}}), -1);
  EXPECT_TRUE(holds(begin(20), kCreated));
}

TEST_P(LedgerExport, FailuresOfAPipelineThatIsGoneEndWithZero) {
  MageRun run(1, 1, "before");
  apply({run.create(1), run.fail(5)});
  export_all(10);
  run.row().pipeline = "after";
  apply({run.touch(20)});
  const Export renamed = export_all(70);
  bool ended = false;
  for (const DuePoint& due : renamed.points)
    ended = ended || (due.descriptor->name == "pipeline/consecutive_failures" &&
                      due.point.labels == telemetry::Labels{{"pipeline", "before"}} &&
                      due.point.value == telemetry::Number(std::int64_t{0}));
  EXPECT_TRUE(ended);
}

TEST_P(LedgerExport, AnOlderStartBeginsANewInterval) {
  apply({MageRun(1, 1).create(1)});
  const Export refused = begin(10);
  finish(refused, "older_start");
  const Export next = begin(70);
  ASSERT_TRUE(holds(next, kCreated));
  EXPECT_EQ(find(next, kCreated)->start, refused.end + std::chrono::milliseconds(1));
  EXPECT_LT(find(next, kCreated)->start, next.end);
}

TEST_P(LedgerExport, TheFirstEndIsLaterThanTheBirth) { EXPECT_GT(begin(-5).end, kBirth); }

TEST_P(LedgerExport, AnAgeIsDueWhenItsInstantChanges) {
  MageRun run(1, 1);
  apply({run.create(1)});
  EXPECT_TRUE(holds(export_all(10), "scheduler/last_created_age"));
  EXPECT_FALSE(holds(export_all(70), "scheduler/last_created_age"));
  apply({MageRun(2, 80).create(80)});
  const Export next = export_all(130);
  ASSERT_TRUE(holds(next, "scheduler/last_created_age"));
  EXPECT_EQ(find(next, "scheduler/last_created_age")->value, telemetry::Number(50.0));
}

TEST_P(LedgerExport, FlowIsAlwaysWritten) {
  schema::Heartbeat beat;
  beat.name = "mage";
  beat.instance = "a";
  beat.started_at = at(1);
  beat.sent_at = at(5);
  beat.confirmed_at = at(5);
  beat.sequence = 1;
  apply({message(beat)});
  export_all(10);
  const Export quiet = export_all(20);
  EXPECT_TRUE(holds(quiet, "flow/heartbeat_age"));
  EXPECT_TRUE(holds(quiet, "flow/watermark_age"));
  EXPECT_FALSE(holds(quiet, "connector/lag_bytes"));
}

TEST_P(LedgerExport, AnEmptiedGaugeWritesZeroOnceAndGoes) {
  MageRun run(1, 1);
  apply({run.create(1)});
  export_all(10);
  apply({run.complete(20)});
  const Export emptied = begin(70);
  ASSERT_TRUE(holds(emptied, "pipeline_run/active"));
  EXPECT_EQ(find(emptied, "pipeline_run/active")->value, telemetry::Number(std::int64_t{0}));
  EXPECT_EQ(find(emptied, "pipeline_run/active")->labels,
            (telemetry::Labels{{"pipeline", "daily"}, {"status", "INITIAL"}}));
  EXPECT_TRUE(holds(begin(80), "pipeline_run/active"));  // it was not written yet
  finish(emptied);
  EXPECT_FALSE(holds(export_all(130), "pipeline_run/active"));
  EXPECT_FALSE(holds(export_all(5000), "pipeline_run/active"));
  apply({run.update(6000, "RUNNING")});
  EXPECT_TRUE(holds(export_all(6001), "pipeline_run/active"));
}

TEST_P(LedgerExport, ChangedBucketsBeginANewInterval) {
  if (GetParam() == Backend::memory) return;  // nothing outlives its options
  MageRun run(1, 1);
  apply({run.create(1), run.run(5), run.fail(35)});
  const Export before = export_all(40);
  options.duration_bounds = {1, 100};
  open();
  run.row().started = at(40);
  apply({run.update(45, "RUNNING"), run.fail(55)});
  const Export after = export_all(100);
  const telemetry::Point* point = find(after, "pipeline_run/duration");
  ASSERT_NE(point, nullptr);
  EXPECT_EQ(std::get<telemetry::Distribution>(point->value).counts,
            (std::vector<std::uint64_t>{0, 1, 0}));
  EXPECT_GE(point->start - before.end, std::chrono::milliseconds(1));
  EXPECT_LT(point->start, after.end);
}

TEST_P(LedgerExport, TheSnapshotHoldsTheSameStartTimes) {
  apply({MageRun(1, 1).create(1)});
  auto snapshot = ledger().snapshot(at(50));
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->taken, at(50));
  for (const telemetry::Metric& metric : snapshot->metrics)
    if (metric.descriptor->name == kCreated) {
      EXPECT_EQ(metric.points.at(0).start, kBirth);
    }
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerExport, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
