#include "monitor/intake/pull_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "publisher/auth/token_source.h"
#include "tests/monitor/fake_http.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSubscription = "projects/p/subscriptions/s";

/// Two messages, "good" and "late", with the ack ids ack-1 and ack-2.
constexpr const char* kTwoMessages =
    R"({"receivedMessages":[{"ackId":"ack-1","message":{"data":"Z29vZA==","messageId":"1"}},)"
    R"({"ackId":"ack-2","message":{"data":"bGF0ZQ==","messageId":"2"}}]})";

http::Response ok(std::string body) { return {200, std::move(body), {}}; }

/// Serves `messages` to the first pull; later pulls are quiet until they are stopped.
FakeHttp::Answer serve_once(std::string messages) {
  auto served = std::make_shared<std::atomic<bool>>(false);
  return [served, messages](const SentRequest& request,
                            std::stop_token stop) -> Result<http::Response> {
    if (!request.url.ends_with(":pull")) return ok("{}");
    if (!served->exchange(true)) return ok(messages);
    return wait_for_stop(std::move(stop));
  };
}

class PullIntakeTest : public testing::Test {
 protected:
  PullOptions options() {
    PullOptions options;
    options.subscription = kSubscription;
    options.pulls = 1;  // Another thread's pull may be sent after the last acknowledgement.
    options.backoff = {1ms, 1, 1ms};
    options.stop_deadline = 20s;
    return options;
  }
  FakeLedger ledger_;
  Intake intake_{ledger_, {}, [] { return Timestamp(); }, [](const SourceAlert&) {}};
  ProcessMetrics metrics_{Timestamp()};
  std::unique_ptr<auth::TokenSource> tokens_ = auth::make_anonymous_token_source();
};

TEST_F(PullIntakeTest, AcknowledgesOnlyWhatIsInTheLedger) {
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  ledger_.close();
  PullIntake pull(intake_, pubsub, metrics_, options());
  ledger_.await_apply();
  for (const SentRequest& sent : http.sent()) EXPECT_THAT(sent.url, Not(HasSubstr(":ack")));
  ledger_.open();
  EXPECT_THAT(http.await(":acknowledge").body, AllOf(HasSubstr("ack-1"), HasSubstr("ack-2")));
}

TEST_F(PullIntakeTest, PutsOffWhatIsDeferred) {
  ledger_.outcome_of = [](const ReceivedMessage& message) {
    return message.data == "late" ? Outcome::deferred : Outcome::invalid;
  };
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  PullIntake pull(intake_, pubsub, metrics_, options());
  EXPECT_THAT(http.await(":acknowledge").body, AllOf(HasSubstr("ack-1"), Not(HasSubstr("ack-2"))));
  EXPECT_THAT(http.await(":modifyAckDeadline").body,
              AllOf(HasSubstr("ack-2"), HasSubstr("\"ackDeadlineSeconds\":600")));
  EXPECT_THAT(telemetry::prometheus_text({{}, metrics_.collect(0, true)}),
              HasSubstr("walpulse_monitor_deferred_total 1\n"));
}

TEST_F(PullIntakeTest, GivesEverythingBackWhileTheLedgerIsDown) {
  ledger_.trouble("disk full");
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  PullIntake pull(intake_, pubsub, metrics_, options());
  EXPECT_THAT(http.await(":modifyAckDeadline").body,
              AllOf(HasSubstr("ack-1"), HasSubstr("ack-2"), HasSubstr("\"ackDeadlineSeconds\":0")));
  for (const SentRequest& sent : http.sent()) EXPECT_THAT(sent.url, Not(HasSubstr(":ack")));
}

TEST_F(PullIntakeTest, ExtendsTheDeadlineWhileTheLedgerIsSlow) {
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  ledger_.close();
  PullOptions slow = options();
  slow.first_extension_after = 1ms;
  PullIntake pull(intake_, pubsub, metrics_, slow);
  EXPECT_THAT(http.await(":modifyAckDeadline").body,
              AllOf(HasSubstr("ack-1"), HasSubstr("\"ackDeadlineSeconds\":60")));
  ledger_.open();
  EXPECT_THAT(http.await(":acknowledge").body, AllOf(HasSubstr("ack-1"), HasSubstr("ack-2")));
}

TEST_F(PullIntakeTest, AcknowledgesWhatIsDoneBeforeItExtendsTheRest) {
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  IntakeOptions one_by_one;
  one_by_one.queue.group_messages_max = 1;
  ledger_.outcome_of = [this](const ReceivedMessage& message) {
    if (message.data == "good") ledger_.close_next();
    return Outcome::applied;
  };
  Intake intake(
      ledger_, one_by_one, [] { return Timestamp(); }, [](const SourceAlert&) {});
  PullOptions slow = options();
  slow.first_extension_after = 1ms;
  slow.extension = 1s;
  PullIntake pull(intake, pubsub, metrics_, slow);
  EXPECT_THAT(http.await(":acknowledge").body, AllOf(HasSubstr("ack-1"), Not(HasSubstr("ack-2"))));
  ledger_.open();
}

TEST_F(PullIntakeTest, TriesForEverAndSaysWhatIsWrong) {
  std::atomic<bool> denied = true;
  FakeHttp http([&](const SentRequest&, std::stop_token stop) -> Result<http::Response> {
    if (!denied) return wait_for_stop(std::move(stop));
    return http::Response{403, R"({"error":{"code":403,"message":"no right to pull"}})", {}};
  });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  PullIntake pull(intake_, pubsub, metrics_, options());
  while (http.sent().size() < 10) std::this_thread::yield();
  EXPECT_THAT(pull.trouble(0ms), AllOf(HasSubstr(kSubscription), HasSubstr("no right to pull")));
  EXPECT_EQ(pull.trouble(24h * 365), "");
  denied = false;
}

TEST_F(PullIntakeTest, IsWellAgainAfterAQuietPull) {
  std::atomic<int> calls = 0;
  FakeHttp http([&](const SentRequest&, std::stop_token stop) -> Result<http::Response> {
    if (++calls == 1) return fail(ErrorKind::unavailable, "connection reset");
    if (calls <= 5) return fail(ErrorKind::timed_out, "nothing came");
    return wait_for_stop(std::move(stop));
  });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  PullIntake pull(intake_, pubsub, metrics_, options());
  while (calls < 6) std::this_thread::yield();
  EXPECT_EQ(pull.trouble(0ms), "");
}

TEST_F(PullIntakeTest, StopAcknowledgesWhatIsUnderWay) {
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  ledger_.close();
  {
    PullIntake pull(intake_, pubsub, metrics_, options());
    ledger_.await_apply();
    pull.request_stop();
    ledger_.open();
  }
  EXPECT_TRUE(http.sent().back().url.ends_with(":acknowledge"));
}

TEST_F(PullIntakeTest, StopInterruptsAnAcknowledgementAndSendsOneMore) {
  std::atomic<int> acknowledgements = 0;
  const auto pulls = serve_once(kTwoMessages);
  FakeHttp http([&](const SentRequest& request, std::stop_token stop) -> Result<http::Response> {
    if (!request.url.ends_with(":acknowledge")) return pulls(request, std::move(stop));
    if (++acknowledgements == 1) return wait_for_stop(std::move(stop));
    return fail(ErrorKind::timed_out, "no answer");
  });
  pubsub::Client pubsub(http, *tokens_, "http://x");
  {
    PullIntake pull(intake_, pubsub, metrics_, options());
    http.await(":acknowledge");
  }
  EXPECT_EQ(acknowledgements, 2);
  EXPECT_TRUE(http.sent().back().url.ends_with(":acknowledge"));
  EXPECT_EQ(http.sent().back().timeout, 2s);  // what a stop leaves for it
}

TEST_F(PullIntakeTest, StopDoesNotWaitForALedgerThatHangs) {
  FakeHttp http(serve_once(kTwoMessages));
  pubsub::Client pubsub(http, *tokens_, "http://x");
  ledger_.close();
  PullOptions hasty = options();
  hasty.stop_deadline = 0ms;
  {
    PullIntake pull(intake_, pubsub, metrics_, hasty);
    ledger_.await_apply();
  }
  ledger_.open();
  for (const SentRequest& sent : http.sent()) EXPECT_THAT(sent.url, Not(HasSubstr(":ack")));
}

}  // namespace
}  // namespace walpulse::monitor
