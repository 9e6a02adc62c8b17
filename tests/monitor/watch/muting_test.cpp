#include "monitor/watch/muting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

constexpr Timestamp kNow{std::chrono::seconds(1'763'676'000)};
constexpr std::chrono::milliseconds kMax = std::chrono::days(7);

Problem failing(std::int64_t id, const std::string& pipeline, telemetry::Labels labels = {},
                const std::string& source = "mage") {
  Problem problem;
  problem.id = id;
  problem.finding.key = {ProblemKind::failing, source, pipeline, ""};
  for (const auto& [name, value] : labels) {
    problem.finding.key.subject += " " + name + "=" + value;
    problem.finding.evidence.emplace_back("label." + name, value);
  }
  if (!labels.empty()) problem.finding.evidence.emplace_back("pipeline", pipeline);
  return problem;
}

Problem blind(std::int64_t id) {
  Problem problem;
  problem.id = id;
  problem.finding.key = {ProblemKind::blind, "mage", "", ""};
  return problem;
}

Mute of_pattern(const std::string& pattern, telemetry::Labels labels = {},
                const std::string& source = "") {
  Mute mute;
  mute.source = source;
  mute.pipeline = pattern;
  mute.labels = std::move(labels);
  return mute;
}

Mute of_problem(std::int64_t id) {
  Mute mute;
  mute.problem = id;
  return mute;
}

MuteWish wish(const std::string& pipeline = "daily_*") {
  return {"", pipeline, {}, "", "", "2h", "vendor is down"};
}

/// The member that is wrong; empty where the wish is fine.
std::string mistake_in(const MuteWish& wished, std::vector<Problem> open = {}) {
  const auto mute = mute_of(wished, "ana", kNow, kMax, open);
  return mute ? "" : std::string(mute.error().member);
}

TEST(Muting, IsByPatternSourceAndEveryLabel) {
  const Problem plain = failing(1, "daily_sales");
  EXPECT_TRUE(is_for(of_pattern("daily_sales"), plain));
  EXPECT_TRUE(is_for(of_pattern("daily_*"), plain));
  EXPECT_FALSE(is_for(of_pattern("daily"), plain));
  EXPECT_FALSE(is_for(of_pattern("Daily_*"), plain)) << "case counts, as in the rules";
  EXPECT_TRUE(is_for(of_pattern("*", {}, "mage"), plain));
  EXPECT_FALSE(is_for(of_pattern("*", {}, "other"), plain));
  EXPECT_FALSE(is_for(of_pattern("*", {{"partner", "acme"}}), plain));

  const Problem one = failing(2, "daily_sales", {{"partner", "acme"}, {"env", "prod"}});
  EXPECT_TRUE(is_for(of_pattern("daily_sales"), one)) << "the pipeline, not the name with labels";
  EXPECT_TRUE(is_for(of_pattern("daily_sales", {{"partner", "acme"}}), one));
  EXPECT_FALSE(is_for(of_pattern("daily_sales", {{"partner", "acm"}}), one));
  EXPECT_FALSE(is_for(of_pattern("daily_sales", {{"partner", "acme"}, {"env", "test"}}), one));
}

TEST(Muting, OfEveryPipelineHidesNotThatNothingIsSeen) {
  EXPECT_FALSE(is_for(of_pattern("*"), blind(3)));
  EXPECT_TRUE(is_for(of_problem(3), blind(3)));
}

TEST(Muting, OfAProblemIsOfThatOneAlone) {
  EXPECT_TRUE(is_for(of_problem(1), failing(1, "daily_sales")));
  EXPECT_FALSE(is_for(of_problem(1), failing(2, "daily_sales")));
}

TEST(Muting, IsNoneForAPatternThatCannotBeRead) {
  EXPECT_FALSE(is_for(of_pattern("daily_["), failing(1, "daily_[")));
  EXPECT_FALSE(is_for(of_pattern(""), failing(1, "daily_sales")));
}

TEST(Muting, SaysByWhich) {
  const std::vector<Mute> mutes = {of_pattern("weekly_*"), of_pattern("daily_*"), of_problem(1)};
  EXPECT_EQ(muted_by(failing(1, "daily_sales"), mutes), &mutes[1]);
  EXPECT_EQ(muted_by(failing(2, "hourly"), mutes), nullptr);
  EXPECT_EQ(muted_by(failing(2, "hourly"), {}), nullptr);
}

TEST(MuteWish, IsTakenWithWhoAndUntilWhen) {
  const auto mute = mute_of(wish(), "ana@example.com", kNow, kMax, {});
  ASSERT_TRUE(mute) << mute.error().message;
  EXPECT_EQ(mute->pipeline, "daily_*");
  EXPECT_EQ(mute->created_by, "ana@example.com");
  EXPECT_EQ(mute->created, kNow);
  EXPECT_EQ(mute->until, kNow + hours(2));
  EXPECT_EQ(mute->reason, "vendor is down");
}

TEST(MuteWish, NamesASourceBeforeThePattern) {
  const auto mute = mute_of(wish("mage:daily_*"), "ana", kNow, kMax, {});
  ASSERT_TRUE(mute);
  EXPECT_EQ(mute->source, "mage");
  EXPECT_EQ(mute->pipeline, "daily_*");
  MuteWish other = wish("mage:daily_*");
  other.source = "else";
  EXPECT_EQ(mistake_in(other), "pipeline");
  EXPECT_EQ(mistake_in(wish(":daily")), "pipeline");
  EXPECT_EQ(mistake_in(wish("mage:")), "pipeline");
}

TEST(MuteWish, HasAReason) {
  for (const std::string& reason : {std::string(), std::string(" \n\t"), std::string(501, 'x')}) {
    MuteWish wished = wish();
    wished.reason = reason;
    EXPECT_EQ(mistake_in(wished), "reason");
  }
}

TEST(MuteWish, IsOfAPipelineOrOfAProblem) {
  EXPECT_EQ(mistake_in(wish("")), "pipeline");
  MuteWish both = wish();
  both.problem = "1";
  EXPECT_EQ(mistake_in(both), "pipeline");
  EXPECT_EQ(mistake_in(wish("daily_[")), "pipeline");
  EXPECT_EQ(mistake_in(wish(std::string(5000, '*'))), "pipeline");
}

TEST(MuteWish, NamesAProblemThatIsOpen) {
  MuteWish wished = wish("");
  const std::vector<Problem> open = {failing(12, "daily_sales")};
  for (const char* id : {"12", "mage:12"}) {
    wished.problem = id;
    const auto mute = mute_of(wished, "ana", kNow, kMax, open);
    ASSERT_TRUE(mute) << id;
    EXPECT_EQ(mute->problem, 12);
    EXPECT_EQ(mute->source, "mage");
    EXPECT_EQ(mute->pipeline, "");
  }
  for (const char* id : {"13", "", "0", "-12", "12x", "mage:", "99999999999999999999", "daily"}) {
    wished.problem = id;
    EXPECT_NE(mistake_in(wished, open), "") << id;
  }
}

TEST(MuteWish, LastsAWhileAndNoLongerThanItMay) {
  const auto with = [](const std::string& until, const std::string& lasts) {
    MuteWish wished = wish();
    wished.until = until;
    wished.lasts = lasts;
    return mistake_in(wished);
  };
  EXPECT_EQ(with("", "7d"), "");
  EXPECT_EQ(with("", "169h"), "for");
  EXPECT_EQ(with("", "900000000h"), "for");
  EXPECT_EQ(with("", "0"), "for");
  EXPECT_EQ(with("", "-2h"), "for");
  EXPECT_EQ(with("", "soon"), "for");
  EXPECT_EQ(with(to_rfc3339(kNow + hours(24)), ""), "");
  EXPECT_EQ(with(to_rfc3339(kNow + hours(169)), ""), "until");
  EXPECT_EQ(with(to_rfc3339(kNow), ""), "until");
  EXPECT_EQ(with("infinity", ""), "until");
  EXPECT_EQ(with("tomorrow", ""), "until");
  EXPECT_EQ(with("", ""), "until");
  EXPECT_EQ(with("recovered", "2h"), "until");
}

TEST(MuteWish, UntilRecoveredIsForWhatIsOpen) {
  MuteWish wished = wish();
  wished.lasts = "";
  wished.until = "recovered";
  EXPECT_EQ(mistake_in(wished), "until");
  EXPECT_EQ(mistake_in(wished, {failing(1, "weekly")}), "until");
  const std::vector<Problem> open = {failing(1, "daily_sales")};
  const auto mute = mute_of(wished, "ana", kNow, kMax, open);
  ASSERT_TRUE(mute);
  EXPECT_FALSE(mute->until);
}

TEST(MuteEnd, ComesByTimeOrByRecovery) {
  const std::vector<Problem> open = {failing(1, "daily_sales")};
  Mute mute = of_pattern("daily_*");
  mute.until = kNow + hours(1);
  EXPECT_FALSE(end_of(mute, kNow, open));
  EXPECT_FALSE(end_of(mute, kNow, {})) << "what is planned may have no problem yet";
  const auto ran_out = end_of(mute, kNow + hours(1), open);
  ASSERT_TRUE(ran_out);
  EXPECT_EQ(ran_out->by, "ran out");
  EXPECT_EQ(ran_out->ended, kNow + hours(1));

  mute.until.reset();
  EXPECT_FALSE(end_of(mute, kNow, open));
  EXPECT_EQ(end_of(mute, kNow, {})->by, "recovered");

  Mute one = of_problem(1);
  one.until = kNow + hours(1);
  EXPECT_FALSE(end_of(one, kNow, open));
  EXPECT_EQ(end_of(one, kNow, {})->by, "recovered") << "the problem alone, and it is over";
  EXPECT_EQ(end_of(one, kNow + hours(2), {})->ended, kNow + hours(1));
}

TEST(Mute, IsLiftedOnceAndByNameAlone) {
  Mute mute = of_pattern("daily_*");
  const auto ended = lifted(mute, "bob", kNow);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->ended, kNow);
  EXPECT_EQ(ended->ended_by, "bob");
  EXPECT_FALSE(lifted(*ended, "eve", kNow));
  mute.until = kNow;
  EXPECT_FALSE(lifted(mute, "bob", kNow)) << "it has run out";
}

}  // namespace
}  // namespace walpulse::monitor
