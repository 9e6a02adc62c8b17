#include "decoder/schema/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace walpulse::schema {
namespace {

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

TEST(Base64, WritesTheExamplesOfRfc4648) {
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode("\xFB\xFF"), "+/8=");
}

TEST(Base64, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg==Zg==", "Zh==", "Z===", "====", "Zm9v ", "_-8="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

TEST(Base64, IsTheSameEncodedAndDecodedAgain) {
  EXPECT_TRUE(rc::check(
      [](const std::string& bytes) { RC_ASSERT(decode_base64(encode(bytes)) == bytes); }));
}

}  // namespace
}  // namespace walpulse::schema
