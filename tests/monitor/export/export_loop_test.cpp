#include "monitor/export/export_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FakeWriter : public MetricWriter {
 public:
  std::vector<ExportResult> write(const Export& exported, std::chrono::steady_clock::time_point,
                                  std::stop_token) override {
    ends.push_back(exported.end);
    return std::vector<ExportResult>(exported.points.size(), result);
  }
  std::string health() const override { return result.empty() ? "" : "points failed"; }

  std::vector<Timestamp> ends;
  ExportResult result;
};

const telemetry::Descriptor kGauge{"a/gauge",
                                   "A",
                                   "A.",
                                   "1",
                                   telemetry::Descriptor::Kind::gauge,
                                   telemetry::Descriptor::ValueType::int64,
                                   {}};

class ExportLoopTest : public testing::Test {
 protected:
  ExportLoopTest() { ledger_.next_export.points = {{7, &kGauge, {{}, "m", {}, std::int64_t{1}}}}; }
  ExportLoop::Clock::time_point later() { return ExportLoop::Clock::now() + 1h; }

  Timestamp now_{std::chrono::seconds(1'763'676'000)};
  FakeLedger ledger_;
  FakeWriter writer_;
  std::vector<std::string> printed_;
  ExportLoop loop_{ledger_,
                   &writer_,
                   [this](const std::string& line) { printed_.push_back(line); },
                   {},
                   [this] { return now_; }};
};

TEST_F(ExportLoopTest, TellsTheLedgerWhatBecameOfEachPoint) {
  loop_.export_once(later(), {});
  writer_.result = "refused";
  now_ += 60s;
  loop_.export_once(later(), {});
  const auto finished = ledger_.finished();
  ASSERT_THAT(finished, SizeIs(2));
  EXPECT_THAT(finished[0].results, ElementsAre(""));
  EXPECT_THAT(finished[1].results, ElementsAre("refused"));
  EXPECT_EQ(loop_.health(), "points failed");
}

TEST_F(ExportLoopTest, DoesNotCallTheServiceWithNothing) {
  ledger_.next_export.points.clear();
  loop_.export_once(later(), {});
  EXPECT_THAT(writer_.ends, IsEmpty());
  EXPECT_THAT(ledger_.finished(), SizeIs(1));
}

TEST_F(ExportLoopTest, WritesNothingThatTheLedgerDidNotBegin) {
  ledger_.trouble("disk full");
  loop_.export_once(later(), {});
  EXPECT_THAT(writer_.ends, IsEmpty());
  EXPECT_THAT(ledger_.finished(), IsEmpty());
  EXPECT_THAT(loop_.health(), HasSubstr("disk full"));
  ledger_.trouble("");
  loop_.export_once(later(), {});
  EXPECT_EQ(loop_.health(), "");
}

TEST_F(ExportLoopTest, StopExportsOnceMore) {
  loop_.start();
  loop_.stop(later());
  EXPECT_THAT(writer_.ends, ElementsAre(now_));
}

TEST_F(ExportLoopTest, WritesAndPrintsNothingWhileAnotherInstanceLeads) {
  ledger_.next_leadership = {false, "another"};
  ledger_.next_export = {};
  loop_.export_once(later(), {});
  EXPECT_THAT(writer_.ends, IsEmpty());
  EXPECT_THAT(printed_, IsEmpty());
  EXPECT_EQ(loop_.health(), "");
}

TEST_F(ExportLoopTest, SaysThatTheLeadWasLostMeanwhile) {
  ledger_.lead_lost = true;
  loop_.export_once(later(), {});
  EXPECT_THAT(loop_.health(), HasSubstr("taken the lead"));
}

TEST_F(ExportLoopTest, PrintsASnapshotAsOneLine) {
  ledger_.next_snapshot.metrics = {{&kGauge,
                                    {{{{"pipeline", "daily"}}, "mage", {}, std::int64_t{7}},
                                     {{}, "mage", {}, telemetry::Distribution{{1}, {2, 3}, 4.5}}}}};
  loop_.export_once(later(), {});
  EXPECT_THAT(printed_,
              ElementsAre("{\"time\":\"2025-11-20T22:00:00.000000Z\",\"metrics\":["
                          "{\"name\":\"a/gauge\",\"source\":\"mage\",\"labels\":{\"pipeline\":"
                          "\"daily\"},\"value\":7},"
                          "{\"name\":\"a/gauge\",\"source\":\"mage\",\"labels\":{},\"value\":"
                          "{\"count\":5,\"sum\":4.5,\"bounds\":[1.0],\"counts\":[2,3]}}]}"));
}

TEST_F(ExportLoopTest, NeedsNoWriter) {
  ExportLoop prints(
      ledger_, nullptr, [this](const std::string& line) { printed_.push_back(line); }, {},
      [this] { return now_; });
  prints.export_once(later(), {});
  EXPECT_THAT(printed_, SizeIs(1));
  EXPECT_THAT(ledger_.finished(), IsEmpty());
}

}  // namespace
}  // namespace walpulse::monitor
