#include "connector/stream/frame.h"
#include "decoder/pgoutput/message.h"
#include "tests/fuzz/fuzz.h"

// Input: one CopyData body of the replication stream. A message that it carries is decoded too.

namespace walpulse {
namespace {

void check(const connector::Keepalive& keepalive) {
  const connector::Feedback feedback{.received = keepalive.server_end,
                                     .flushed = keepalive.server_end,
                                     .reply_requested = keepalive.reply_requested};
  const auto body = connector::status_update(feedback, keepalive.sent_at);
  fuzz::require(body.front() == 'r', "an answer is a status update");
}

void check(const connector::WalData& data) {
  decoder::TupleBuffer tuples;
  const auto message = decoder::decode(data.message, tuples);
  fuzz::require(message || message.error().kind == ErrorKind::malformed, "bad bytes are malformed");
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  const fuzz::ExactCopy body(fuzz::text(data, size));
  const auto frame = connector::parse_frame(body.bytes());
  if (frame) {
    std::visit([](const auto& read) { check(read); }, *frame);
  } else {
    fuzz::require(frame.error().kind == ErrorKind::malformed, "bad bytes are malformed");
  }
  return 0;
}
