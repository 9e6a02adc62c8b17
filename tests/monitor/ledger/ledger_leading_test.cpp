#include <limits>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

constexpr auto kCreated = "pipeline_run/created_count";

const DuePoint* find(const Export& done, std::string_view metric) {
  for (const DuePoint& due : done.points)
    if (due.descriptor->name == metric) return &due;
  return nullptr;
}

Export begin(Ledger& ledger, double now) {
  auto begun = ledger.begin_export(at(now));
  EXPECT_TRUE(begun) << begun.error().message;
  return begun ? *std::move(begun) : Export{};
}

Result<void> finish(Ledger& ledger, const Export& done, const std::string& result = {}) {
  return ledger.finish_export(done, std::vector<ExportResult>(done.points.size(), result));
}

/// What holds on every storage.
class LedgerLeading : public LedgerTest {};

TEST_P(LedgerLeading, NothingIsExportedWithoutTheLead) {
  options.export_gap_min = 10s;
  apply({MageRun(1, 1).create(1)});
  ASSERT_TRUE(ledger().lead(0s));
  EXPECT_FALSE(ledger().leadership().ours);
  const Export none = begin(ledger(), 60);
  EXPECT_EQ(none.lease, 0u);
  EXPECT_TRUE(none.points.empty());
  ASSERT_TRUE(ledger().lead(1h));
  EXPECT_TRUE(ledger().leadership().ours);
  EXPECT_NE(find(begin(ledger(), 60), kCreated), nullptr);
}

TEST_P(LedgerLeading, AnExportMayWriteWhileItsLeaseLasts) {
  ASSERT_TRUE(ledger().lead(20s));
  const auto before = std::chrono::steady_clock::now();
  const Export begun = begin(ledger(), 60);
  const auto until = begun.write_until();
  EXPECT_LE(until, before + 20s);
  ASSERT_TRUE(ledger().lead(1h));
  EXPECT_GT(begun.write_until(), until);
  ASSERT_TRUE(ledger().resign());
  EXPECT_LT(begun.write_until(), before);
}

TEST_P(LedgerLeading, TenSecondsLieBetweenTwoEnds) {
  options.export_gap_min = 10s;
  apply({MageRun(1, 1).create(1)});
  const Export first = begin(ledger(), 60);
  ASSERT_NE(find(first, kCreated), nullptr);
  EXPECT_TRUE(begin(ledger(), 68.9).points.empty());
  const Export next = begin(ledger(), 69.9);  // a timer that was early
  EXPECT_FALSE(next.points.empty());
  EXPECT_EQ(next.end - first.end, 10s);
}

TEST_P(LedgerLeading, AnEndJustWrittenKeepsItsDistanceAcrossARestart) {
  if (GetParam() == Backend::memory) return;  // it forgets
  options.export_gap_min = 10s;
  apply({MageRun(1, 1).create(1)});
  begin(ledger(), 60);
  open();
  EXPECT_TRUE(begin(ledger(), 65).points.empty());
  EXPECT_FALSE(begin(ledger(), 70).points.empty());
}

TEST_P(LedgerLeading, StartTimesSurviveARestart) {
  if (GetParam() == Backend::memory) return;  // it forgets
  apply({MageRun(1, 1).create(1)});
  EXPECT_TRUE(finish(ledger(), begin(ledger(), 60)));
  apply({MageRun(2, 70).run(75), MageRun(2, 70).create(70)});
  const Export before = begin(ledger(), 120);
  open();
  apply({MageRun(3, 130).create(130)});
  const Export after = begin(ledger(), 180);
  ASSERT_NE(find(after, kCreated), nullptr);
  EXPECT_EQ(find(after, kCreated)->point.start, kBirth);
  constexpr auto kStarted = "pipeline_run/started_count";
  ASSERT_NE(find(after, kStarted), nullptr);
  EXPECT_EQ(find(after, kStarted)->point.start, find(before, kStarted)->point.start);
  EXPECT_GT(find(after, kStarted)->point.start, kBirth);
}

TEST_P(LedgerLeading, WhoeverSettlesANameFirstDecidesForAll) {
  EXPECT_EQ(*ledger().pinned("place"), "");
  EXPECT_EQ(*ledger().pin("place", "here"), "here");
  EXPECT_EQ(*ledger().pin("place", "there"), "here");
  EXPECT_EQ(*ledger().pin("place", "there", true), "there");
  EXPECT_EQ(*ledger().pinned("place"), "there");
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerLeading, all_backends(), backend_name);

/// Two instances on one ledger, which PostgreSQL alone keeps for more than one.
class LedgerLeadingPostgres : public LedgerTest {
 protected:
  LedgerLeadingPostgres() {
    options.instance = "first";
    open();
    LedgerOptions others = options;
    others.instance = "second";
    auto storage = open_storage();
    EXPECT_TRUE(storage) << storage.error().message;
    second_ = std::make_unique<LedgerCore>(*std::move(storage), others);
  }
  Ledger& second() { return *second_; }
  /// As if nobody had prolonged the lease for as long as it lasts.
  void let_the_lease_run_out() {
    PrivatePostgres::instance().execute("UPDATE " + place_.schema +
                                        ".lease SET expires_at = clock_timestamp()");
  }

 private:
  std::unique_ptr<LedgerCore> second_;
};

TEST_P(LedgerLeadingPostgres, OneOfTwoInstancesLeads) {
  apply({MageRun(1, 1).create(1)});
  const auto other = second().lead(20s);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->ours);
  EXPECT_EQ(other->leader, "first");
  EXPECT_FALSE(begin(ledger(), 60).points.empty());
  keep_rejected({0, "m", at(1), "why", "data", {}});
  EXPECT_TRUE(begin(second(), 60).points.empty());
  EXPECT_TRUE(second().unforwarded(10)->empty());
  EXPECT_EQ(ledger().unforwarded(10)->size(), 1u);
}

TEST_P(LedgerLeadingPostgres, S27ALeaderThatDiesIsFollowedWhenItsLeaseHasRunOut) {
  apply({MageRun(1, 1).create(1)});
  const Export before = begin(ledger(), 60);
  EXPECT_TRUE(finish(ledger(), before));
  apply({MageRun(2, 61).create(61)});
  EXPECT_FALSE(second().lead(20s)->ours);
  let_the_lease_run_out();
  const auto now = second().lead(20s);
  ASSERT_TRUE(now);
  EXPECT_TRUE(now->ours);
  EXPECT_EQ(now->leader, "second");
  const Export after = begin(second(), 55);  // its clock is behind
  ASSERT_NE(find(after, kCreated), nullptr);
  EXPECT_EQ(find(after, kCreated)->point.start, find(before, kCreated)->point.start);
  EXPECT_GT(after.end, before.end);
  EXPECT_EQ(find(after, kCreated)->point.value, telemetry::Number(std::int64_t{2}));
}

TEST_P(LedgerLeadingPostgres, S27AStoppedLeaderThatGoesOnExportsNothingMore) {
  apply({MageRun(1, 1).create(1)});
  const Export under_way = begin(ledger(), 60);
  ASSERT_NE(find(under_way, kCreated), nullptr);
  let_the_lease_run_out();
  ASSERT_TRUE(second().lead(20s)->ours);
  // It believes that it leads still: its own hour is not over.
  EXPECT_TRUE(ledger().leadership().ours);
  const auto finished = finish(ledger(), under_way);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(begin(ledger(), 120).points.empty());
  EXPECT_TRUE(ledger().unforwarded(10)->empty());
  EXPECT_NE(find(begin(second(), 120), kCreated), nullptr);
}

TEST_P(LedgerLeadingPostgres, AFormerLeaderLearnsWhoFollowed) {
  let_the_lease_run_out();
  ASSERT_TRUE(second().lead(20s)->ours);
  const auto former = ledger().lead(20s);
  ASSERT_TRUE(former);
  EXPECT_FALSE(former->ours);
  EXPECT_EQ(former->leader, "second");
}

TEST_P(LedgerLeadingPostgres, ALeadGivenUpIsFreeAtOnce) {
  EXPECT_FALSE(second().lead(20s)->ours);
  ASSERT_TRUE(ledger().resign());
  EXPECT_TRUE(second().lead(20s)->ours);
  EXPECT_TRUE(ledger().resign());  // not its own any more
  EXPECT_FALSE(ledger().lead(20s)->ours);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerLeadingPostgres, ::testing::Values(Backend::postgres),
                         backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
