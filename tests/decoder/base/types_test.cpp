#include "decoder/base/types.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace walpulse {
namespace {

TEST(Lsn, PrintsAsPostgresDoes) {
  EXPECT_EQ(to_string(Lsn{0}), "0/0");
  EXPECT_EQ(to_string(Lsn{0x16B374D848}), "16/B374D848");
  EXPECT_EQ(to_string(Lsn{0x1600000001}), "16/1");
  EXPECT_EQ(to_string(Lsn{UINT64_MAX}), "FFFFFFFF/FFFFFFFF");
}

TEST(Lsn, ReadsBothCasesAndLeadingZeros) {
  EXPECT_EQ(*parse_lsn("16/b374d848"), Lsn{0x16B374D848});
  EXPECT_EQ(*parse_lsn("00000016/0000000A"), Lsn{0x160000000A});
}

TEST(Lsn, RefusesEverythingElse) {
  for (const char* text : {"", "/", "0", "0/", "/0", "0/0/0", "123456789/0", "0/123456789", "-1/0",
                           "0x1/0", "1 /0", "G/0", "0/0 ", "+1/0"}) {
    const Result<Lsn> lsn = parse_lsn(text);
    ASSERT_FALSE(lsn) << text;
    EXPECT_EQ(lsn.error().kind, ErrorKind::malformed);
  }
}

TEST(Lsn, IsTheSamePrintedAndReadAgain) {
  EXPECT_TRUE(rc::check([](std::uint64_t value) {
    const Result<Lsn> lsn = parse_lsn(to_string(Lsn{value}));
    RC_ASSERT(lsn.has_value());
    RC_ASSERT(lsn->value == value);
  }));
}

}  // namespace
}  // namespace walpulse
