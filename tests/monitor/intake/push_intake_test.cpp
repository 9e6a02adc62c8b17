#include "monitor/intake/push_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "publisher/pubsub/client.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using testing::ElementsAre;

class PushIntakeTest : public testing::Test {
 protected:
  int push(std::string body) {
    auto answered = std::make_shared<std::promise<int>>();
    auto status = answered->get_future();
    const http::ServerRequest request{"POST", "/push", "", "application/json", body};
    push_.receive(request, [answered](http::ServerResponse response) {
      answered->set_value(response.status);
    });
    return status.get();
  }
  static std::string envelope(const std::string& data) {
    return pubsub::push_envelope(data, {{"op", "u"}}, "", "1", "projects/p/subscriptions/s");
  }
  std::string process_metrics() {
    return telemetry::prometheus_text({{}, metrics_.collect(0, true)});
  }

  FakeLedger ledger_;
  ProcessMetrics metrics_{Timestamp()};
  Intake intake_{ledger_, {}, [] { return Timestamp(); }, [](const SourceAlert&) {}};
  PushIntake push_{intake_, metrics_};
};

TEST_F(PushIntakeTest, AcknowledgesWhatIsInTheLedger) {
  EXPECT_EQ(push(envelope("{\"op\":\"u\"}")), 204);
  EXPECT_THAT(ledger_.groups(), ElementsAre(ElementsAre("{\"op\":\"u\"}")));
}

TEST_F(PushIntakeTest, TakesALargeBodyLikeAnyOther) {
  const std::string large(1u << 20, 'x');
  EXPECT_EQ(push(envelope(large)), 204);
  EXPECT_THAT(ledger_.groups(), ElementsAre(ElementsAre(large)));
  EXPECT_EQ(push(std::string(1u << 20, ' ')), 400);
}

TEST_F(PushIntakeTest, AcknowledgesWhatCanNeverBeApplied) {
  for (const Outcome outcome :
       {Outcome::unchanged, Outcome::pruned, Outcome::invalid, Outcome::conflict}) {
    ledger_.outcome_of = [=](const ReceivedMessage&) { return outcome; };
    EXPECT_EQ(push(envelope("x")), 204) << to_string(outcome);
  }
}

TEST_F(PushIntakeTest, AsksForADeferredMessageAgain) {
  ledger_.outcome_of = [](const ReceivedMessage&) { return Outcome::deferred; };
  EXPECT_EQ(push(envelope("x")), 503);
  EXPECT_THAT(process_metrics(),
              testing::HasSubstr("walpulse_monitor_push_refused_total{reason=\"deferred\"} 1\n"));
  EXPECT_THAT(process_metrics(), testing::HasSubstr("walpulse_monitor_deferred_total 1\n"));
}

TEST_F(PushIntakeTest, RefusesABodyThatIsNoEnvelopeAndCountsIt) {
  for (const char* body :
       {"", "{", "[]", "{\"message\":7}", "\xff\xfe", "{\"message\":{\"data\":\"*\"}}"}) {
    EXPECT_EQ(push(body), 400) << body;
  }
  EXPECT_TRUE(ledger_.groups().empty());
  EXPECT_THAT(process_metrics(),
              testing::HasSubstr("walpulse_monitor_push_refused_total{reason=\"invalid\"} 6\n"));
}

TEST_F(PushIntakeTest, AsksForEverythingAgainWhileTheLedgerIsDown) {
  ledger_.trouble("disk full");
  EXPECT_EQ(push(envelope("a")), 503);
  EXPECT_EQ(push(envelope("b")), 503);
  EXPECT_THAT(
      process_metrics(),
      testing::HasSubstr("walpulse_monitor_push_refused_total{reason=\"ledger_unavailable\"} 2\n"));
}

}  // namespace
}  // namespace walpulse::monitor
