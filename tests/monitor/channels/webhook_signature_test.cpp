#include "monitor/channels/webhook_signature.h"

#include <gtest/gtest.h>

#include "publisher/auth/hmac.h"

namespace walpulse::monitor::channels {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

/// RFC 4231, test cases 1, 2 and 6.
TEST(Hmac, IsThatOfTheStandard) {
  EXPECT_EQ(hex(auth::hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(auth::hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(auth::hmac_sha256(std::string(131, '\xaa'),
                                  "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

constexpr const char* kKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST(WebhookSignature, IsOverIdTimeAndBody) {
  const auto one = webhook_signature(kKey, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330,
                                     R"({"test": 2432232314})");
  EXPECT_EQ(one, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_NE(*webhook_signature(kKey, "a", 1, "x"), *webhook_signature(kKey, "a", 2, "x"));
}

TEST(WebhookSignature, HasOneForEachKeyInUse) {
  const std::string two = std::string(kKey) + "\r\n\nMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx\n";
  const auto both = webhook_signature(two, "a", 1, "x");
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->starts_with(*webhook_signature(kKey, "a", 1, "x") + " v1,"));
}

TEST(WebhookSignature, WhatIsNoKeyIsRefused) {
  for (const char* key :
       {"whsec_", "whsec_!!", "c2hvcnQ=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nx"})
    EXPECT_EQ(webhook_signature(key, "a", 1, "x").error().kind, ErrorKind::rejected) << key;
}

}  // namespace
}  // namespace walpulse::monitor::channels
