#include "monitor/api/mute_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "monitor/storage/ledger_factory.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr Timestamp kNow{std::chrono::seconds(1'763'676'000)};
constexpr const char* kGood = R"({"pipeline":"daily_*","for":"2h","reason":"vendor is down"})";

class MuteAnswersTest : public testing::Test {
 protected:
  http::ServerResponse create(std::string_view body, const std::string& caller = "ana") {
    return create_mute(*ledger_, body, caller, kNow, std::chrono::days(7));
  }
  std::vector<Mute> in_force() {
    std::vector<Mute> found;
    EXPECT_TRUE(
        ledger_->look([&](Transaction& in, const Context&) { found = in.mutes().in_force(kNow); }));
    return found;
  }

  std::unique_ptr<Ledger> ledger_ = make_memory_ledger({});
};

TEST_F(MuteAnswersTest, MakeOneInTheNameOfWhoAsks) {
  const auto answer = create(R"({"pipeline":"mage:daily_*","for":"2h","reason":"vendor is down",
                                 "labels":{"partner":"acme"}})",
                             "ana@example.com");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_THAT(answer.headers, Contains(Pair("Location", "/api/v1/mutes/1")));
  const auto json = nlohmann::json::parse(answer.body);
  EXPECT_EQ(json["id"], "1");
  EXPECT_EQ(json["state"], "in_force");
  EXPECT_EQ(json["source"], "mage");
  EXPECT_EQ(json["pipeline"], "daily_*");
  EXPECT_EQ(json["labels"]["partner"], "acme");
  EXPECT_EQ(json["created_by"], "ana@example.com");
  EXPECT_TRUE(json["problem"].is_null());
  EXPECT_EQ(json["until_recovered"], false);
  EXPECT_THAT(in_force(), SizeIs(1));
}

TEST_F(MuteAnswersTest, TakeNoNameOutOfABody) {
  const auto answer =
      create(R"({"pipeline":"x","for":"2h","reason":"r","created_by":"eve@example.com"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("not known"));
  EXPECT_THAT(in_force(), IsEmpty());
}

TEST_F(MuteAnswersTest, RefuseWhatIsNoWish) {
  for (const char* body :
       {"", "null", "[]", "\"x\"", "{", "{}", "\xFF", R"({"pipeline":"x","for":"2h"})",
        R"({"pipeline":"x","reason":"r"})", R"({"pipeline":7,"for":"2h","reason":"r"})",
        R"({"pipeline":"x","for":2,"reason":"r"})", R"({"pipeline":"x","for":"8d","reason":"r"})",
        R"({"pipeline":"x","for":"2h","reason":"r","labels":[]})",
        R"({"pipeline":"x","for":"2h","reason":"r","labels":{"a":1}})",
        R"({"problem":"12","for":"2h","reason":"r"})",
        R"({"pipeline":"x","until":"recovered","reason":"r"})"}) {
    const auto answer = create(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const auto json = nlohmann::json::parse(answer.body);
    EXPECT_EQ(json["type"], "/docs#bad-value") << body;
    EXPECT_FALSE(json["example"].get<std::string>().empty()) << body;
  }
  EXPECT_EQ(create(std::string(100'000, ' ')).status, 413);
  EXPECT_THAT(in_force(), IsEmpty());
}

TEST_F(MuteAnswersTest, EndOneOnce) {
  ASSERT_EQ(create(kGood).status, 201);
  EXPECT_EQ(end_mute(*ledger_, "1", "bob", kNow).status, 204);
  EXPECT_THAT(in_force(), IsEmpty());
  EXPECT_EQ(end_mute(*ledger_, "1", "eve", kNow).status, 409);
  for (const char* id : {"2", "", "01", "1 ", "x", "1/2", "-1"})
    EXPECT_EQ(end_mute(*ledger_, id, "bob", kNow).status, 404) << id;
}

TEST_F(MuteAnswersTest, SayThatTheLedgerIsAway) {
  class Away : public FakeLedger {
    Result<KnownProblems> problems(std::size_t) override {
      return fail(ErrorKind::unavailable, "server closed the connection");
    }
  } away;
  const auto answer = create_mute(away, kGood, "ana", kNow, std::chrono::days(7));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("ledger-away"));
  EXPECT_THAT(answer.headers, Contains(Pair("Retry-After", "5")));
}

}  // namespace
}  // namespace walpulse::monitor
