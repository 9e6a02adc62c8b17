#include "connector/stream/frame.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/connector/pgoutput_writer.h"

namespace walpulse::connector {
namespace {

using testing::big_endian;

Result<Frame> parse(const std::string& body) {
  return parse_frame(std::as_bytes(std::span(body.data(), body.size())));
}

TEST(Frame, ReadsXLogData) {
  const std::string body =
      "w" + big_endian(0x100, 8) + big_endian(0x200, 8) + big_endian(1'000'000, 8) + "message";
  const auto frame = parse(body);
  ASSERT_TRUE(frame) << frame.error().message;
  const auto& data = std::get<WalData>(*frame);
  EXPECT_EQ(data.start, Lsn{0x100});
  EXPECT_EQ(to_rfc3339(data.sent_at), "2000-01-01T00:00:01.000000Z");
  EXPECT_EQ(data.message.size(), 7u);
}

TEST(Frame, ReadsAKeepalive) {
  const auto frame =
      parse("k" + big_endian(0x1'0000'0200, 8) + big_endian(0, 8) + big_endian(1, 1));
  ASSERT_TRUE(frame) << frame.error().message;
  const auto& keepalive = std::get<Keepalive>(*frame);
  EXPECT_EQ(keepalive.server_end, Lsn{0x1'0000'0200});
  EXPECT_TRUE(keepalive.reply_requested);
}

TEST(Frame, RefusesWhatIsTooShortTooLongOrUnknown) {
  const std::string keepalive = "k" + big_endian(1, 8) + big_endian(0, 8) + big_endian(0, 1);
  for (const std::string& body :
       {std::string(), std::string("w"), "w" + std::string(23, '\0'), keepalive + "x",
        keepalive.substr(0, 17), std::string("z") + keepalive}) {
    const auto frame = parse(body);
    ASSERT_FALSE(frame) << body.size();
    EXPECT_EQ(frame.error().kind, ErrorKind::malformed);
  }
}

TEST(Frame, WritesAStatusOf34Bytes) {
  const auto body = status_update({.received = Lsn{3}, .flushed = Lsn{2}, .reply_requested = true},
                                  from_postgres_epoch(7));
  EXPECT_EQ(std::string(body.data(), body.size()), "r" + big_endian(3, 8) + big_endian(2, 8) +
                                                       big_endian(2, 8) + big_endian(7, 8) +
                                                       big_endian(1, 1));
}

}  // namespace
}  // namespace walpulse::connector
