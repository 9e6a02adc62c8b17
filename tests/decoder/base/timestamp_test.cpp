#include "decoder/base/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

namespace walpulse {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Timestamp at(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

std::string rfc3339(std::string_view postgres_text) {
  std::string out;
  append_rfc3339(postgres_text, out);
  return out;
}

TEST(Timestamp, CountsFromTheYear2000AsPostgresDoes) {
  EXPECT_EQ(to_rfc3339(from_postgres_epoch(0)), "2000-01-01T00:00:00.000000Z");
  EXPECT_EQ(from_postgres_epoch(-946'684'800'000'000), at(0));
  EXPECT_EQ(to_postgres_epoch(at(0)), -946'684'800'000'000);
}

TEST(Timestamp, SaturatesToTheInfinities) {
  EXPECT_EQ(from_postgres_epoch(kMax), kInfinity);
  EXPECT_EQ(from_postgres_epoch(kMin), kMinusInfinity);
  EXPECT_EQ(from_postgres_epoch(kMax - 1), kInfinity);
  EXPECT_EQ(to_postgres_epoch(kInfinity), kMax);
  EXPECT_EQ(to_postgres_epoch(kMinusInfinity), kMin);
  EXPECT_EQ(to_postgres_epoch(at(kMin + 1)), kMin);
}

TEST(Timestamp, ReadsPostgresAndRfc3339) {
  EXPECT_EQ(*parse_timestamp("1970-01-01 00:00:00+00"), at(0));
  EXPECT_EQ(*parse_timestamp("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(*parse_timestamp("1970-01-01T00:00:00.000001z"), at(1));
  EXPECT_EQ(*parse_timestamp("1970-01-01 05:30:00.5+05:30"), at(500'000));
  EXPECT_EQ(*parse_timestamp("1969-12-31 16:00:00-08"), at(0));
  EXPECT_EQ(*parse_timestamp("1970-01-01 00:19:32+00:19:32"), at(0));
  EXPECT_EQ(*parse_timestamp("1969-12-31 23:59:59.999999+00"), at(-1));
  EXPECT_EQ(*parse_timestamp("infinity"), kInfinity);
  EXPECT_EQ(*parse_timestamp("-infinity"), kMinusInfinity);
}

TEST(Timestamp, CutsDigitsFinerThanAMicrosecond) {
  EXPECT_EQ(*parse_timestamp("1970-01-01T00:00:00.123456789Z"), at(123'456));
}

TEST(Timestamp, ReadsLeapDaysOnlyWhereThereAreSome) {
  EXPECT_TRUE(parse_timestamp("2024-02-29 00:00:00+00"));
  EXPECT_TRUE(parse_timestamp("2000-02-29 00:00:00+00"));
  EXPECT_FALSE(parse_timestamp("2023-02-29 00:00:00+00"));
  EXPECT_FALSE(parse_timestamp("1900-02-29 00:00:00+00"));
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const char* text : {"",
                           "now",
                           "2025-01-02",
                           "2025-01-02 03:04:05",
                           "2025-01-02 03:04+00",
                           "2025-13-02 03:04:05+00",
                           "2025-00-02 03:04:05+00",
                           "2025-01-32 03:04:05+00",
                           "2025-01-00 03:04:05+00",
                           "2025-01-02 24:00:00+00",
                           "2025-01-02 03:60:05+00",
                           "2025-01-02 03:04:60+00",
                           "2025-01-02 03:04:05.+00",
                           "2025-01-02 03:04:05+0",
                           "2025-01-02 03:04:05+24",
                           "2025-01-02 03:04:05+00 ",
                           "0000-01-02 03:04:05+00",
                           "225-01-02 03:04:05+00",
                           "2025-1-2 03:04:05+00",
                           " 2025-01-02 03:04:05+00",
                           "Infinity",
                           "1234567-01-02 03:04:05+00",
                           "02.01.2025 03:04:05 UTC",
                           "2025-01-02 03:04:05+00 AD"}) {
    const Result<Timestamp> instant = parse_timestamp(text);
    ASSERT_FALSE(instant) << text;
    EXPECT_EQ(instant.error().kind, ErrorKind::malformed);
  }
}

TEST(Timestamp, PrintsSixDigitsOfUtc) {
  EXPECT_EQ(to_rfc3339(at(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(at(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(at(1763676332907123)), "2025-11-20T22:05:32.907123Z");
}

TEST(Timestamp, PrintsYearsWithoutRfc3339AsPostgresDoes) {
  EXPECT_EQ(to_rfc3339(*parse_timestamp("0044-03-15 00:00:00+00 BC")), "0044-03-15 00:00:00+00 BC");
  EXPECT_EQ(to_rfc3339(*parse_timestamp("4713-11-24 00:00:00.5+00 BC")),
            "4713-11-24 00:00:00.5+00 BC");
  EXPECT_EQ(to_rfc3339(*parse_timestamp("0001-12-31 23:59:59.000001+00 BC")),
            "0001-12-31 23:59:59.000001+00 BC");
  EXPECT_EQ(to_rfc3339(*parse_timestamp("10000-01-01 00:00:00+00")), "10000-01-01 00:00:00+00");
  EXPECT_EQ(to_rfc3339(kInfinity), "infinity");
  EXPECT_EQ(to_rfc3339(kMinusInfinity), "-infinity");
}

TEST(Timestamp, BeyondTheRangeIsInfinity) {
  EXPECT_EQ(*parse_timestamp("294276-12-31 23:59:59.999999+00"), kInfinity);
  EXPECT_EQ(*parse_timestamp("999999-01-01 00:00:00+00 BC"), kMinusInfinity);
}

TEST(Timestamp, CopiesPostgresUtcIntoRfc3339) {
  EXPECT_EQ(rfc3339("2025-01-02 03:04:05+00"), "2025-01-02T03:04:05.000000Z");
  EXPECT_EQ(rfc3339("2025-01-02 03:04:05.6+00"), "2025-01-02T03:04:05.600000Z");
  EXPECT_EQ(rfc3339("2025-01-02 03:04:05.678901+00"), "2025-01-02T03:04:05.678901Z");
}

TEST(Timestamp, ConvertsOtherZonesToUtc) {
  EXPECT_EQ(rfc3339("2025-01-02 03:04:05+05:30"), "2025-01-01T21:34:05.000000Z");
  EXPECT_EQ(rfc3339("2025-01-02 03:04:05+00:30"), "2025-01-02T02:34:05.000000Z");
  EXPECT_EQ(rfc3339("2024-12-31 20:00:00.25-08"), "2025-01-01T04:00:00.250000Z");
}

TEST(Timestamp, LeavesTextWithoutRfc3339FormAsItIs) {
  for (const char* text :
       {"infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "10000-01-01 00:00:00+00",
        "9999-12-31 23:00:00-08", "", "+00", "no time at all, really+00", "0000-01-01 00:00:00+00",
        "2025-01-02 03:04:05.+00", "2025-01-02 03:04:05x6+00"}) {
    EXPECT_EQ(rfc3339(text), text);
  }
}

TEST(Timestamp, TakesNothingButADigitForADigit) {
  const std::string good = "2025-01-02 03:04:05.678901+00";
  for (std::size_t at = 0; at < good.find('+'); ++at) {
    if (good[at] < '0' || good[at] > '9') continue;
    for (int byte = 0; byte < 256; ++byte) {
      if (byte >= '0' && byte <= '9') continue;
      std::string text = good;
      text[at] = static_cast<char>(byte);
      EXPECT_EQ(rfc3339(text), text) << at << " " << byte;
    }
  }
}

TEST(Timestamp, IsTheSamePrintedAndReadAgain) {
  EXPECT_TRUE(rc::check([] {
    const auto microseconds = *rc::gen::arbitrary<std::int64_t>();
    const bool modern = *rc::gen::arbitrary<bool>();
    const Timestamp instant = at(modern ? microseconds % 253'402'300'800'000'000 : microseconds);
    const Result<Timestamp> again = parse_timestamp(to_rfc3339(instant));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == instant);
  }));
  for (const std::int64_t edge : {kMin, kMin + 1, kMax - 1, kMax}) {
    EXPECT_EQ(*parse_timestamp(to_rfc3339(at(edge))), at(edge));
  }
}

TEST(Timestamp, IsTheSameToPostgresAndBack) {
  EXPECT_TRUE(rc::check([](std::int64_t microseconds) {
    const Timestamp instant = from_postgres_epoch(microseconds);
    RC_PRE(instant != kInfinity);
    RC_ASSERT(to_postgres_epoch(instant) == microseconds);
  }));
}

}  // namespace
}  // namespace walpulse
