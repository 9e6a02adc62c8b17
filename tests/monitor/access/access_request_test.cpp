#include "monitor/access/access_request.h"

#include <gtest/gtest.h>

#include "tests/monitor/access/head_of.h"

namespace walpulse::monitor {
namespace {

TEST(AccessRequest, KnowsTheNamesOfItsOwnMachine) {
  for (const char* host : {"localhost", "localhost:8080", "LocalHost:1", "walpulse.localhost",
                           "127.0.0.1", "127.0.0.1:8080", "127.8.9.1:80", "[::1]", "[::1]:8080"})
    EXPECT_TRUE(is_localhost(host)) << host;
}

TEST(AccessRequest, TakesNoOtherNameForThem) {
  for (const char* host : {"",
                           "evil.example.com",
                           "127.0.0.1.evil.example.com",
                           "127.evil.example.com",
                           "localhost.evil.example.com",
                           "evillocalhost",
                           "10.0.0.5:8080",
                           "0.0.0.0",
                           "127.1",
                           "0127.0.0.1",
                           "2130706433",
                           "[::1",
                           "[::1]evil",
                           "[::1]:x",
                           "[::2]",
                           "::1",
                           "localhost:8080@evil.example.com",
                           "localhost:99999999",
                           "localhost:80:80",
                           "localhost.",
                           "user@localhost",
                           "localhost/",
                           " localhost"})
    EXPECT_FALSE(is_localhost(host)) << host;
}

TEST(AccessRequest, TakesAHeaderThatIsSaidTwiceForNone) {
  const Headers twice = {{"Host", "localhost"}, {"host", "evil.example.com"}};
  EXPECT_EQ(access_request(head_of(twice)).host, "");
}

TEST(AccessRequest, TakesTwoOriginsForOneFromElsewhere) {
  const Headers twice = {{"Origin", "http://localhost"}, {"Origin", "http://localhost"}};
  EXPECT_EQ(access_request(head_of(twice)).origin, "null");
  const Headers sites = {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "same-origin"}};
  EXPECT_EQ(access_request(head_of(sites)).fetch_site, "cross-site");
}

TEST(AccessRequest, SeesWhoWantsAPage) {
  const Headers browser = {{"Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}};
  EXPECT_TRUE(access_request(head_of(browser)).wants_page);
  EXPECT_FALSE(access_request(head_of(browser, "POST")).wants_page);
  const Headers script = {{"Accept", "application/json, */*"}};
  EXPECT_FALSE(access_request(head_of(script)).wants_page);
  EXPECT_FALSE(access_request(head_of({})).wants_page);
}

TEST(AccessRequest, SeesABodyBeforeItComes) {
  const Headers empty = {{"Content-Length", "0"}};
  EXPECT_FALSE(access_request(head_of(empty)).has_body);
  const Headers chunked = {{"Transfer-Encoding", "chunked"}};
  EXPECT_TRUE(access_request(head_of(chunked)).has_body);
  const Headers some = {{"Content-Length", "9"}};
  EXPECT_TRUE(access_request(head_of(some)).has_body);
}

}  // namespace
}  // namespace walpulse::monitor
