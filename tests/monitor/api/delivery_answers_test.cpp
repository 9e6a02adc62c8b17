#include "monitor/api/delivery_answers.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

/// Knows delivery 12, which was given up, 13, which was not, and 15, whose problems are over.
class DeliveryLedger : public FakeLedger {
 public:
  Result<Wished> retry(std::int64_t delivery, Timestamp, const std::string& by) override {
    if (away) return fail(ErrorKind::unavailable, "the ledger is down");
    caller = by;
    if (delivery == 12) return Wished::done;
    if (delivery == 15) return Wished::outdated;
    return delivery == 13 ? Wished::refused : Wished::unknown;
  }
  bool away = false;
  std::string caller;
};

TEST(DeliveryAnswers, FindsTheDeliveryInThePath) {
  EXPECT_EQ(retried_delivery("/api/v1/deliveries/12/retry"), "12");
  EXPECT_EQ(retried_delivery("/api/v1/deliveries/a/b/retry"), "a/b");
  for (const char* path : {"/api/v1/deliveries/12", "/api/v1/deliveries//retry",
                           "/api/v1/deliveries/retry", "/api/v1/mutes/12/retry", ""})
    EXPECT_EQ(retried_delivery(path), "") << path;
}

TEST(DeliveryAnswers, SaysWhatBecameOfTheWish) {
  DeliveryLedger ledger;
  const auto status = [&](const std::string& id) {
    return retry_delivery(ledger, id, "ana@example.com", Timestamp{}).status;
  };
  EXPECT_EQ(status("12"), 202);
  EXPECT_EQ(ledger.caller, "ana@example.com");
  EXPECT_EQ(status("13"), 409);
  EXPECT_EQ(status("15"), 409);
  EXPECT_NE(retry_delivery(ledger, "13", "ana", Timestamp{}).body.find("#not-given-up"),
            std::string::npos);
  EXPECT_NE(retry_delivery(ledger, "15", "ana", Timestamp{}).body.find("deliveries drop 15"),
            std::string::npos);
  for (const char* id : {"14", "", "x", "12x", " 12", "99999999999999999999", "-12"})
    EXPECT_EQ(status(id), 404) << id;
  ledger.away = true;
  EXPECT_EQ(status("12"), 503);
}

}  // namespace
}  // namespace walpulse::monitor
