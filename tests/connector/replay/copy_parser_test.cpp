#include "connector/replay/copy_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connector/pgoutput_writer.h"

namespace walpulse::connector {
namespace {

using testing::big_endian;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kHead = std::string("PGCOPY\n\377\r\n\0", 11) + big_endian(0, 8);
const std::string kEnd = big_endian(0xffff, 2);

std::string row(std::uint64_t lsn, std::uint32_t xid, std::string_view data) {
  return big_endian(3, 2) + big_endian(8, 4) + big_endian(lsn, 8) + big_endian(4, 4) +
         big_endian(xid, 4) + big_endian(data.size(), 4) + std::string(data);
}

struct Read {
  std::vector<std::string> rows;
  std::string error;
  bool whole = false;
};

/// Each piece is gone when the next one comes.
Read read(const std::vector<std::string>& pieces) {
  CopyParser parser;
  Read result;
  for (const std::string& given : pieces) {
    std::vector<std::byte> piece;
    for (const char c : given) piece.push_back(static_cast<std::byte>(c));
    parser.feed(piece);
    while (true) {
      const auto next = parser.next();
      if (!next) {
        result.error = next.error().message;
        return result;
      }
      if (!*next) break;
      const auto data = (*next)->data;
      result.rows.push_back(std::to_string((*next)->lsn.value) + ":" +
                            std::to_string((*next)->xid.value) + ":" +
                            std::string(reinterpret_cast<const char*>(data.data()), data.size()));
    }
    std::fill(piece.begin(), piece.end(), std::byte{0xee});
  }
  result.whole = parser.finish().has_value();
  return result;
}

const std::string kCopy =
    kHead + row(100, 7, "B begin") + row(100, 7, "") + row(260, 7, "C") + kEnd;

TEST(CopyParser, ReadsRowsThatComeWhole) {
  const auto got = read({kHead + row(100, 7, "B begin"), row(100, 7, ""), row(260, 7, "C"), kEnd});
  EXPECT_THAT(got.rows, ElementsAre("100:7:B begin", "100:7:", "260:7:C"));
  EXPECT_TRUE(got.whole) << got.error;
}

TEST(CopyParser, EverySplitGivesTheSameRows) {
  for (std::size_t first = 0; first <= kCopy.size(); ++first) {
    for (std::size_t second = first; second <= kCopy.size(); ++second) {
      const auto got =
          read({kCopy.substr(0, first), kCopy.substr(first, second - first), kCopy.substr(second)});
      ASSERT_THAT(got.rows, ElementsAre("100:7:B begin", "100:7:", "260:7:C"))
          << first << " " << second << " " << got.error;
      ASSERT_TRUE(got.whole) << first << " " << second;
    }
  }
}

TEST(CopyParser, BytesOneByOneGiveTheSameRows) {
  std::vector<std::string> pieces;
  for (const char c : kCopy) pieces.emplace_back(1, c);
  const auto got = read(pieces);
  EXPECT_EQ(got.rows.size(), 3u);
  EXPECT_TRUE(got.whole);
}

TEST(CopyParser, ACopyWithoutItsEndIsNotWhole) {
  for (std::size_t size = 0; size < kCopy.size(); ++size) {
    EXPECT_FALSE(read({kCopy.substr(0, size)}).whole) << size;
  }
}

TEST(CopyParser, AnExtensionOfTheHeaderIsSkipped) {
  const auto head = kHead.substr(0, 15) + big_endian(3, 4) + "abc";
  EXPECT_THAT(read({head.substr(0, 20), head.substr(20) + row(1, 2, "x") + kEnd}).rows,
              ElementsAre("1:2:x"));
}

TEST(CopyParser, RefusesWhatIsNoSuchCopy) {
  const auto error_of = [](const std::string& bytes) { return read({bytes}).error; };
  EXPECT_THAT(error_of("0/16B3748\t771\t\\x42\n"), HasSubstr("no signature"));
  EXPECT_THAT(error_of(kHead.substr(0, 11) + big_endian(0x10000, 4) + big_endian(0, 4)),
              HasSubstr("flags"));
  EXPECT_THAT(error_of(kHead + big_endian(2, 2)), HasSubstr("2 fields"));
  EXPECT_THAT(error_of(kHead + kEnd + "x"), HasSubstr("after the end"));
  EXPECT_THAT(error_of(kHead + row(1, 2, "").substr(0, 22) + big_endian(0xffffffff, 4)),
              HasSubstr("impossible length"));
  EXPECT_THAT(error_of(kHead + big_endian(3, 2) + big_endian(4, 4) + std::string(20, 'x')),
              HasSubstr("lsn"));
}

}  // namespace
}  // namespace walpulse::connector
