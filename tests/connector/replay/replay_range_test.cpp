#include "connector/replay/replay_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Timestamp kNow{1'763'676'400s};

ReplayFacts facts() {
  ReplayFacts facts;
  facts.identity.name = "mage";
  facts.identity.epoch = 1'763'600'000;
  facts.identity.tables = {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}};
  facts.log_end = Lsn{1'000};
  facts.now = kNow;
  facts.oldest = Lsn{100};
  facts.oldest_commit = kNow - 1h;
  return facts;
}

ReplayOptions from(const std::string& text) {
  ReplayOptions options;
  options.from = parse_replay_bound(text).value();
  return options;
}

ReplayOptions between(const std::string& first, const std::string& last) {
  ReplayOptions options = from(first);
  options.until = parse_replay_bound(last).value();
  return options;
}

std::string refusal(const ReplayOptions& options) {
  const auto range = resolve_range(options, facts());
  return range ? "" : to_string(range.error());
}

std::string event_id(const std::string& rest) { return "mage/public.pipeline_run/" + rest; }

TEST(ReplayRange, HoldsTheTransactionsWhoseCommitLiesInIt) {
  const auto range = resolve_range(between("0/C8", "0/12C"), facts()).value();  // 200 to 300
  EXPECT_FALSE(range.holds(Lsn{199}, kNow));
  EXPECT_TRUE(range.holds(Lsn{200}, kNow));
  EXPECT_TRUE(range.holds(Lsn{300}, kNow));
  EXPECT_FALSE(range.holds(Lsn{301}, kNow));
  EXPECT_TRUE(range.ends_before(Lsn{301}));
  EXPECT_EQ(range.read_until(), Lsn{301});
}

TEST(ReplayRange, APositionInsideATransactionMeansThatTransactionWhole) {
  // Its changes begin at 150, its commit stands at 400: whether X is any of them, it is replayed.
  for (const char* x : {"0/96", "0/C8", "0/190"}) {
    EXPECT_TRUE(resolve_range(from(x), facts()).value().holds(Lsn{400}, kNow)) << x;
  }
}

TEST(ReplayRange, AnEventMeansItsTransaction) {
  const auto range =
      resolve_range(between(event_id("1763600000/200/7"), event_id("1763600000/300/0")), facts())
          .value();
  EXPECT_TRUE(range.holds(Lsn{200}, kNow) && range.holds(Lsn{300}, kNow));
  EXPECT_FALSE(range.holds(Lsn{199}, kNow) || range.holds(Lsn{301}, kNow));
}

TEST(ReplayRange, AnEventMayBeOfAnyOfTheTables) {
  auto several = facts();
  several.identity.tables.push_back({{"public", "block_run"}, Oid{16413}, Oid{16501}});
  EXPECT_EQ(resolve_range(from("mage/public.block_run/1763600000/200/7"), several)->from, Lsn{200});
  const auto other = resolve_range(from("mage/public.log/1763600000/200/7"), several);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("public.pipeline_run,public.block_run"));
}

TEST(ReplayRange, ByTimeTheCommitTimeDecides) {
  const auto range =
      resolve_range(between(to_rfc3339(kNow - 10s), to_rfc3339(kNow - 5s)), facts()).value();
  EXPECT_FALSE(range.holds(Lsn{500}, kNow - 11s));
  EXPECT_TRUE(range.holds(Lsn{500}, kNow - 10s));
  EXPECT_TRUE(range.holds(Lsn{500}, kNow - 5s));
  EXPECT_FALSE(range.holds(Lsn{500}, kNow - 4s));
  EXPECT_FALSE(range.ends_before(Lsn{500})) << "times are not in the order of positions";
  EXPECT_EQ(range.read_until(), Lsn{1'000});
}

TEST(ReplayRange, WithoutAnEndItEndsWithTheLogOfNow) {
  const auto range = resolve_range(from("0/C8"), facts()).value();
  EXPECT_TRUE(range.holds(Lsn{999}, kNow));
  EXPECT_FALSE(range.holds(Lsn{1'000}, kNow)) << "was written after the start";
  EXPECT_EQ(range.read_until(), Lsn{1'000});
}

TEST(ReplayRange, FollowingHasNoEnd) {
  ReplayOptions options = from("0/C8");
  options.follow = true;
  const auto range = resolve_range(options, facts()).value();
  EXPECT_TRUE(range.holds(Lsn{1'000'000}, kNow + 1h));
  EXPECT_EQ(range.read_until(), std::nullopt);
}

TEST(ReplayRange, OlderThanTheAnchorNamesWhatThereIsAndTheSnapshot) {
  const auto by_position = refusal(from("0/63"));
  EXPECT_THAT(by_position, AllOf(HasSubstr("0/64"), HasSubstr(to_rfc3339(kNow - 1h)),
                                 HasSubstr("walpulse-connector snapshot")));
  EXPECT_EQ(refusal(from("0/64")), "");
  EXPECT_THAT(refusal(from(to_rfc3339(kNow - 2h))), HasSubstr("older than what can be replayed"));
  EXPECT_THAT(refusal(from(event_id("1763600000/99/0"))), HasSubstr("older than"));
}

TEST(ReplayRange, TheFutureIsRefused) {
  EXPECT_THAT(refusal(from("0/3E9")), AllOf(HasSubstr("future"), HasSubstr("0/3E8")));
  EXPECT_EQ(refusal(from("0/3E8")), "");
  EXPECT_THAT(refusal(from(to_rfc3339(kNow + 1s))), HasSubstr("future"));
  EXPECT_THAT(refusal(between("0/C8", "0/3E9")),
              AllOf(HasSubstr("--until"), HasSubstr("--follow")));
}

TEST(ReplayRange, AnEndBeforeTheBeginningIsRefused) {
  EXPECT_THAT(refusal(between("0/C8", "0/C7")), HasSubstr("lies before --from"));
  EXPECT_EQ(refusal(between("0/C8", "0/C8")), "");
  EXPECT_THAT(refusal(between(to_rfc3339(kNow), to_rfc3339(kNow - 1s))),
              HasSubstr("before --from"));
}

TEST(ReplayRange, AnEventOfAnotherSourceTableOrEpochIsNamed) {
  EXPECT_THAT(refusal(from("other/public.pipeline_run/1763600000/200/0")),
              AllOf(HasSubstr("source other"), HasSubstr("mage")));
  EXPECT_THAT(refusal(from("mage/public.runs/1763600000/200/0")),
              AllOf(HasSubstr("table public.runs"), HasSubstr("public.pipeline_run")));
  EXPECT_THAT(refusal(from(event_id("1763600001/200/0"))),
              AllOf(HasSubstr("epoch 1763600001"), HasSubstr("1763600000")));
}

/// Whatever the history, exactly the commits in the range, and reading up to read_until() shows
/// each of them.
RC_GTEST_PROP(ReplayRangeProperty, ExactlyTheCommitsInTheRange, ()) {
  struct Commit {
    Lsn lsn;
    Timestamp time;
  };
  std::vector<Commit> history;
  Lsn position{100};
  for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
    position.value += *rc::gen::inRange<std::uint64_t>(1, 40);
    history.push_back({position, kNow - std::chrono::seconds(*rc::gen::inRange(0, 60))});
  }
  ReplayFacts now = facts();
  now.log_end = Lsn{position.value + 1};
  now.oldest_commit.reset();
  const Lsn x{*rc::gen::inRange<std::uint64_t>(100, now.log_end.value + 1)};
  const Lsn y{*rc::gen::inRange<std::uint64_t>(x.value, now.log_end.value + 1)};
  const Timestamp s = kNow - std::chrono::seconds(*rc::gen::inRange(0, 60));
  const Timestamp t = s + std::chrono::seconds(*rc::gen::inRange(0, 60));
  ReplayOptions options;
  const bool by_time = *rc::gen::arbitrary<bool>();
  if (by_time) {
    options.from = s;
    options.until = std::min(t, kNow);
  } else {
    options.from = x;
    options.until = y;
  }
  const auto range = resolve_range(options, now);
  RC_ASSERT(range.has_value());
  bool over = false;
  for (const Commit& commit : history) {
    const bool wanted =
        by_time ? commit.time >= s && commit.time <= t : commit.lsn >= x && commit.lsn <= y;
    RC_ASSERT(range->holds(commit.lsn, commit.time) == wanted);
    over = over || range->ends_before(commit.lsn);
    RC_ASSERT(!(over && wanted));
    RC_ASSERT(!wanted || commit.lsn < *range->read_until());
  }
}

}  // namespace
}  // namespace walpulse::connector
