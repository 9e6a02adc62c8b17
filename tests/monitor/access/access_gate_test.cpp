#include "monitor/access/access_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/monitor/access/head_of.h"

namespace walpulse::monitor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

AccessGate gate(std::vector<std::string> reading = {}) {
  return AccessGate({Readers::token, std::move(reading), {"ana"}},
                    ReaderAuthenticator(Readers::token, "", nullptr,
                                        ReaderTokens::read("ana sixteen-letters-1\n"
                                                           "<b>&\" sixteen-letters-2\n")
                                            .value(),
                                        [] { return Timestamp(); }));
}

TEST(AccessGate, SaysWhoAsks) {
  const Headers headers = {{"Authorization", "Bearer sixteen-letters-1"}};
  std::string caller;
  http::RequestHead head = head_of(headers);
  head.caller = &caller;
  EXPECT_FALSE(gate().admit(head));
  EXPECT_EQ(caller, "ana");
}

TEST(AccessGate, RefusesInAFormThatProgramsRead) {
  const auto refused = gate().admit(head_of({}));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(refused->content_type, "application/problem+json");
  EXPECT_THAT(refused->headers, Contains(Pair("Cache-Control", "no-store")));
  const auto problem = nlohmann::json::parse(refused->body);
  EXPECT_EQ(problem["type"], "/docs#sign-in");
  EXPECT_EQ(problem["status"], 401);
  EXPECT_EQ(problem["title"], "Sign in");
}

TEST(AccessGate, RefusesInAFormThatPeopleReadWithoutBelievingAName) {
  const Headers headers = {{"Authorization", "Bearer sixteen-letters-2"}, {"Accept", "text/html"}};
  const auto refused = gate({"ana"}).admit(head_of(headers));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(refused->content_type, "text/html; charset=utf-8");
  EXPECT_THAT(refused->body, HasSubstr("&lt;b&gt;&amp;&quot;"));
  EXPECT_THAT(refused->body, Not(HasSubstr("<b>")));
  EXPECT_THAT(refused->headers, Contains(Pair("Content-Security-Policy", HasSubstr("'none'"))));
}

}  // namespace
}  // namespace walpulse::monitor
