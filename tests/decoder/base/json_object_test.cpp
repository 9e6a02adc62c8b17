#include "decoder/base/json_object.h"

#include <gtest/gtest.h>

#include <functional>

namespace walpulse {
namespace {

/// What is wrong with `text`, read by `read`; empty where nothing is.
std::string problem(const std::string& text, const std::function<void(JsonObject&)>& read) {
  JsonObject in(text, 100);
  read(in);
  const auto finished = in.finish("one", 0);
  if (finished) return {};
  EXPECT_EQ(finished.error().kind, ErrorKind::malformed);
  return finished.error().message;
}

TEST(JsonObject, ReadsEachKind) {
  JsonObject in(R"({"a":"text","b":7,"c":[1,2],"d":-3,"e":null,"f":1.5,"g":true,"h":"18",)"
                R"("i":"2025-01-02T03:04:05Z","j":{"k":[0.5]}})",
                1000);
  EXPECT_EQ(in.text("a"), "text");
  EXPECT_EQ(in.counter("b"), 7u);
  EXPECT_EQ(in.counters("c"), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(in.whole("d"), -3);
  EXPECT_EQ(in.whole_or_null("d"), -3);
  EXPECT_EQ(in.whole_or_null("e"), std::nullopt);
  EXPECT_EQ(in.number("f"), 1.5);
  EXPECT_TRUE(in.truth("g"));
  EXPECT_EQ(in.digits("h"), 18u);
  EXPECT_EQ(to_rfc3339(in.time("i")), "2025-01-02T03:04:05.000000Z");
  EXPECT_EQ(in.object("j").numbers("k"), std::vector<double>{0.5});
  EXPECT_TRUE(in.has("a"));
  EXPECT_FALSE(in.has("z"));
  EXPECT_EQ(in.finish("one", 5), 5);
}

TEST(JsonObject, TheFirstProblemCounts) {
  EXPECT_EQ(problem("{}",
                    [](JsonObject& in) {
                      in.text("a");
                      in.counter("b");
                      in.fail("the whole is odd");
                    }),
            "not one: a is missing");
}

TEST(JsonObject, AProblemOfAMemberIsTheWholesToo) {
  EXPECT_EQ(problem(R"({"a":{"b":-1}})", [](JsonObject& in) { in.object("a").counter("b"); }),
            "not one: b is not a counter");
  EXPECT_EQ(problem("{}", [](JsonObject& in) { in.object("a").counter("b"); }),
            "not one: a is missing");
}

TEST(JsonObject, RefusesWhatIsOfAnotherKind) {
  const auto counters = [](JsonObject& in) { in.counters("a"); };
  const auto whole = [](JsonObject& in) { in.whole("a"); };
  EXPECT_EQ(problem(R"({"a":[1,-1]})", counters), "not one: a is not a list of counters");
  EXPECT_EQ(problem(R"({"a":7})", counters), "not one: a is not a list of counters");
  EXPECT_EQ(problem(R"({"a":1.0})", whole), "not one: a is not whole");
  EXPECT_EQ(problem(R"({"a":9223372036854775808})", whole), "not one: a is not whole");
  EXPECT_EQ(problem("[7]", whole), "not one: a is missing");
}

TEST(JsonObject, SaysWhereTheTextBreaksOffButNotWhatItSays) {
  const auto nothing = [](JsonObject&) {};
  EXPECT_EQ(problem(R"({"secret")", nothing), "not one: no JSON at byte 10");
  EXPECT_EQ(problem("[1e999]", nothing), "not one: a number in it is too large");
  EXPECT_EQ(problem(std::string(101, '['), nothing), "not one: too long for one");
}

}  // namespace
}  // namespace walpulse
