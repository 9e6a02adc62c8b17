#include "decoder/base/one_line.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "decoder/base/utf8.h"

namespace walpulse {
namespace {

TEST(OneLine, WhatIsReadStaysAsItIs) {
  for (const char* text :
       {"", "daily_sales", "C:\\new\\table", "Gr\xC3\xBCn \xE2\x86\x92 \xF0\x9F\x98\x80"})
    EXPECT_EQ(one_line(text), text);
}

TEST(OneLine, WhatATerminalObeysIsShown) {
  EXPECT_EQ(one_line("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(one_line("\x1b[2J\x07\x7f"), "\\x1b[2J\\x07\\x7f");
  EXPECT_EQ(one_line(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(one_line("\xC2\x9B"
                     "31m"),
            "\\u009b31m")
      << "C1: one byte in Latin-1, two in UTF-8";
  EXPECT_EQ(one_line("\xE2\x80\xA8\xE2\x80\xAE"), "\\u2028\\u202e");
  EXPECT_EQ(one_line("caf\xE9\x9B"), "caf\\xe9\\x9b");
  EXPECT_EQ(one_line("\xE2\x80"), "\\xe2\\x80");
}

RC_GTEST_PROP(OneLine, IsUtf8WithoutControlsAndTheSameAgain, (const std::string& any)) {
  const std::string line = one_line(any);
  RC_ASSERT(is_utf8(line));
  RC_ASSERT(std::ranges::none_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
  RC_ASSERT(one_line(line) == line);
}

}  // namespace
}  // namespace walpulse
