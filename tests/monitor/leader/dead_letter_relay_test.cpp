#include "monitor/leader/dead_letter_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "publisher/auth/token_source.h"
#include "tests/monitor/fake_http.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DeadLetterRelayTest : public testing::Test {
 protected:
  DeadLetterRelayTest() {
    ledger_.to_forward = {{1, {"good", {{"op", "u"}}, "m1"}, "no such column"},
                          {2, {"large", {}, "m2"}, "x"},
                          {3, {"late", {}, "m3"}, "y"}};
  }
  DeadLetterOptions options() {
    DeadLetterOptions options;
    options.topic = "projects/p/topics/dead";
    options.rest = 1ms;
    return options;
  }
  std::size_t left() { return ledger_.unforwarded(100)->size(); }
  void await_none_left() {
    while (left() > 0) std::this_thread::yield();
  }
  static Result<http::Response> taken(std::size_t count) {
    std::string ids;
    for (std::size_t i = 0; i < count; ++i) ids += (i > 0 ? ",\"1\"" : "\"1\"");
    return http::Response{200, "{\"messageIds\":[" + ids + "]}", {}};
  }

  FakeLedger ledger_;
  std::unique_ptr<auth::TokenSource> tokens_ = auth::make_anonymous_token_source();
};

TEST_F(DeadLetterRelayTest, PublishesEachWithItsReason) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return taken(3); });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  DeadLetterRelay forwarder(ledger_, pubsub, options());
  const auto sent = http.await("projects/p/topics/dead:publish");
  EXPECT_THAT(sent.body, AllOf(HasSubstr("Z29vZA=="), HasSubstr("\"op\":\"u\""),
                               HasSubstr("\"walpulse_rejected\":\"no such column\""),
                               HasSubstr("\"walpulse_message_id\":\"m1\"")));
  await_none_left();
  EXPECT_EQ(http.sent().size(), 1u);
}

TEST_F(DeadLetterRelayTest, OneThatComesBackHasEachAttributeOnce) {
  ledger_.to_forward = {
      {1,
       {"good", {{"walpulse_rejected", "first"}, {"walpulse_message_id", "m0"}}, "m1"},
       "again"}};
  FakeHttp http([](const SentRequest&, std::stop_token) { return taken(1); });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  DeadLetterRelay forwarder(ledger_, pubsub, options());
  const auto sent = http.await("projects/p/topics/dead:publish");
  EXPECT_THAT(sent.body, AllOf(HasSubstr("\"walpulse_rejected\":\"again\""),
                               HasSubstr("\"walpulse_message_id\":\"m1\""), Not(HasSubstr("first")),
                               Not(HasSubstr("m0"))));
  await_none_left();
}

TEST_F(DeadLetterRelayTest, CountsAsForwardedOnlyWhatWasTaken) {
  std::atomic<int> calls = 0;
  FakeHttp http([&](const SentRequest&, std::stop_token) -> Result<http::Response> {
    ++calls;
    if (calls == 1) return fail(ErrorKind::timed_out, "no answer");
    if (calls == 2) return http::Response{404, "{}", {}};
    if (calls == 3) return taken(2);  // fewer ids than messages
    EXPECT_EQ(left(), 3u);
    return taken(3);
  });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  DeadLetterRelay forwarder(ledger_, pubsub, options());
  await_none_left();
  EXPECT_EQ(calls, 4);
}

TEST_F(DeadLetterRelayTest, OneThatIsNeverTakenDoesNotHoldUpTheRest) {
  FakeHttp http([](const SentRequest& request, std::stop_token) -> Result<http::Response> {
    if (request.body.find("bGFyZ2U=") != std::string::npos) return http::Response{400, "{}", {}};
    return taken(1);
  });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  DeadLetterRelay forwarder(ledger_, pubsub, options());
  await_none_left();
  EXPECT_THAT(http.sent().back().body, AllOf(HasSubstr("bGF0ZQ=="), Not(HasSubstr("bGFyZ2U="))));
}

TEST_F(DeadLetterRelayTest, KeepsRequestsWithinTheirBound) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return taken(1); });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  DeadLetterOptions small = options();
  small.bytes_max = 1;
  DeadLetterRelay forwarder(ledger_, pubsub, small);
  await_none_left();
  EXPECT_EQ(http.sent().size(), 3u);
}

TEST_F(DeadLetterRelayTest, SaysWhatIsWrong) {
  FakeHttp http([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return http::Response{403, R"({"error":{"code":403,"message":"no right"}})", {}};
  });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  DeadLetterRelay forwarder(ledger_, pubsub, options());
  while (forwarder.health().empty()) std::this_thread::yield();
  EXPECT_THAT(forwarder.health(), AllOf(HasSubstr("topics/dead"), HasSubstr("no right")));
  EXPECT_EQ(left(), 3u);
}

}  // namespace
}  // namespace walpulse::monitor
