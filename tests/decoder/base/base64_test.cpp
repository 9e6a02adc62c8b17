#include "decoder/base/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace walpulse {
namespace {

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

TEST(Base64, WritesTheVectorsOfRfc4648) {
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foob"), "Zm9vYg==");
  EXPECT_EQ(encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, WritesEveryByteAtEveryPlaceOfEveryLength) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t size = 0; size < 100; ++size) {
    for (std::size_t shift = 0; shift < 256; ++shift) {
      std::string bytes(size, '\0');
      for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + shift);
      const std::string text = encode(bytes);
      ASSERT_EQ(text.size(), (size + 2) / 3 * 4);
      for (std::size_t digit = 0; digit < (size * 8 + 5) / 6; ++digit) {
        std::size_t number = 0;
        for (std::size_t bit = digit * 6; bit < digit * 6 + 6; ++bit) {
          const std::size_t byte =
              bit / 8 < size ? static_cast<unsigned char>(bytes[bit / 8]) : std::size_t{0};
          number = number * 2 + (byte >> (7 - bit % 8) & 1);
        }
        ASSERT_EQ(text[digit], alphabet[number]) << size << " bytes, digit " << digit;
      }
    }
  }
}

TEST(Base64, AppendsToWhatIsThere) {
  std::string out = "data:";
  append_base64("foobar", out);
  EXPECT_EQ(out, "data:Zm9vYmFy");
}

TEST(Base64, TheUrlAlphabetHasNoPaddingAndNoSlash) {
  EXPECT_EQ(base64_url("\xfb\xff\xbe\xff"), "-_--_w");
  EXPECT_EQ(base64_url("f"), "Zg");
}

TEST(Base64, ReadsBothAlphabetsWithAndWithoutPadding) {
  for (const char* text : {"+/++/w==", "-_--_w==", "-_--_w", "+/++/w"}) {
    const auto bytes = decode_base64(text);
    ASSERT_TRUE(bytes) << text;
    EXPECT_EQ(*bytes, "\xfb\xff\xbe\xff") << text;
  }
  EXPECT_EQ(decode_base64(""), "");
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zm9vY", "Zg=", "Z===", "====", "=", "Zg==Zg==", "Zm 9v", "Zm9v\n",
                           "Zm9\xc3", "Zm9%"}) {
    const auto bytes = decode_base64(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().kind, ErrorKind::malformed);
  }
}

RC_GTEST_PROP(Base64, ReadsWhatItWrote, (const std::string& bytes)) {
  RC_ASSERT(decode_base64(encode(bytes)) == bytes);
  RC_ASSERT(decode_base64(base64_url(bytes)) == bytes);
}

}  // namespace
}  // namespace walpulse
