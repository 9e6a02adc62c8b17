#include "decoder/pgoutput/byte_cursor.h"

#include <gtest/gtest.h>

#include "tests/decoder/pgoutput_builder.h"

namespace walpulse::decoder {
namespace {

ByteCursor cursor(std::string_view message) { return ByteCursor(pgoutput::bytes(message)); }

TEST(ByteCursor, ReadsBigEndian) {
  ByteCursor in = cursor("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F");
  EXPECT_EQ(in.u8(), 0x01u);
  EXPECT_EQ(in.u16(), 0x0203u);
  EXPECT_EQ(in.u32(), 0x04050607u);
  EXPECT_EQ(in.u64(), 0x08090A0B0C0D0E0Fu);
  EXPECT_TRUE(in.finish(1));
}

TEST(ByteCursor, ReadsTextAndBlocks) {
  constexpr std::string_view kMessage("abc\0\0\0\0\2xy\0\0\0\0", 14);
  ByteCursor in = cursor(kMessage);
  EXPECT_EQ(in.text(), "abc");
  EXPECT_EQ(in.block(), "xy");
  EXPECT_EQ(in.block(), "");
  EXPECT_TRUE(in.finish(1));
}

TEST(ByteCursor, LatchesTheFirstFailure) {
  ByteCursor in = cursor("\x01\x02\x03");
  EXPECT_EQ(in.u8(), 1u);
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_EQ(in.u8(), 0u);
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.block(), "");
  in.fail("something else");
  EXPECT_EQ(in.offset(), 1u);
  const Result<int> result = in.finish(1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::malformed);
  EXPECT_EQ(result.error().message, "offset 1: cut off");
}

TEST(ByteCursor, RefusesUnreadBytes) {
  ByteCursor in = cursor("\x01\x02");
  in.u8();
  EXPECT_FALSE(in.finish(1));
}

TEST(ByteCursor, RefusesTextWithoutItsEnd) {
  ByteCursor in = cursor("abc");
  in.text();
  EXPECT_FALSE(in.ok());
}

TEST(ByteCursor, RefusesNegativeAndOverlongBlocks) {
  for (const std::string_view message :
       {std::string_view("\xFF\xFF\xFF\xFF", 4), std::string_view("\x80\0\0\0", 4),
        std::string_view("\0\0\0\2x", 5)}) {
    ByteCursor in = cursor(message);
    EXPECT_EQ(in.block(), "");
    EXPECT_FALSE(in.ok());
  }
}

TEST(ByteCursor, RefusesCountsThatTheMessageCannotHold) {
  ByteCursor fits = cursor(std::string_view("\0\2abcd", 6));
  EXPECT_EQ(fits.count16(2), 2u);
  ByteCursor forged = cursor(std::string_view("\0\3abcd", 6));
  EXPECT_EQ(forged.count16(2), 0u);
  EXPECT_FALSE(forged.ok());
  ByteCursor huge = cursor("\xFF\xFF\xFF\xFF");
  EXPECT_EQ(huge.count32(4), 0u);
  EXPECT_FALSE(huge.ok());
}

}  // namespace
}  // namespace walpulse::decoder
