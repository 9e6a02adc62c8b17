#include "decoder/base/plain_text.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse {
namespace {

TEST(PlainText, EndsAtTheFirstByteThatIsNot) {
  for (std::size_t size = 0; size < 20; ++size) {
    EXPECT_EQ(json_plain_prefix(std::string(size, 'x')), size);
    for (std::size_t at = 0; at < size; ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(value);
        const bool ascii = value < 0x80;
        const bool plain = ascii && value >= 0x20 && value != '"' && value != '\\';
        ASSERT_EQ(ascii_prefix(text), ascii ? size : at) << value;
        ASSERT_EQ(json_plain_prefix(text), plain ? size : at) << value;
      }
    }
  }
}

TEST(PlainText, IsNotMisledByWhatFollows) {
  EXPECT_EQ(json_plain_prefix("ab!\"#]["), 3u);
  EXPECT_EQ(json_plain_prefix("a\x1f !\"#]["), 1u);
  EXPECT_EQ(ascii_prefix("abc\x7f\xff\x80 d"), 4u);
}

}  // namespace
}  // namespace walpulse
