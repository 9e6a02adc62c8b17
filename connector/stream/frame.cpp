#include "connector/stream/frame.h"

#include <cstdint>
#include <string>

#include "decoder/base/timestamp.h"

namespace walpulse::connector {
namespace {

using decoder::ByteCursor;
using decoder::Bytes;

constexpr std::size_t kWalDataHeaderBytes = 25;

// 'w' | i64 start | i64 end | i64 sent at | pgoutput message
Result<Frame> read_wal_data(Bytes body) {
  if (body.size() < kWalDataHeaderBytes) {
    return fail(ErrorKind::malformed, "XLogData frame of " + std::to_string(body.size()) +
                                          " bytes, at least 25 expected");
  }
  ByteCursor in(body.first(kWalDataHeaderBytes));
  in.u8();
  WalData data;
  data.start = in.lsn();
  in.lsn();
  data.sent_at = in.timestamp();
  data.message = body.subspan(kWalDataHeaderBytes);
  return in.finish(Frame(data));
}

// 'k' | i64 end of WAL | i64 sent at | u8 reply requested
Result<Frame> read_keepalive(Bytes body) {
  ByteCursor in(body);
  in.u8();
  Keepalive keepalive;
  keepalive.server_end = in.lsn();
  keepalive.sent_at = in.timestamp();
  keepalive.reply_requested = in.u8() != 0;
  return in.finish(Frame(keepalive));
}

char* put64(char* out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<char>(value >> shift & 0xff);
  return out;
}

}  // namespace

Result<Frame> parse_frame(Bytes body) {
  if (body.empty()) return fail(ErrorKind::malformed, "empty replication frame");
  const char type = static_cast<char>(body.front());
  if (type == 'w') return read_wal_data(body);
  if (type == 'k') return read_keepalive(body);
  return fail(ErrorKind::malformed,
              "unknown replication frame type " + std::to_string(static_cast<int>(body.front())));
}

// 'r' | i64 written | i64 flushed | i64 applied | i64 sent at | u8 reply requested
std::array<char, 34> status_update(const Feedback& feedback, Timestamp now) {
  std::array<char, 34> out;
  char* at = out.data();
  *at++ = 'r';
  at = put64(at, feedback.received.value);
  at = put64(at, feedback.flushed.value);
  at = put64(at, feedback.flushed.value);
  at = put64(at, static_cast<std::uint64_t>(to_postgres_epoch(now)));
  *at = feedback.reply_requested ? 1 : 0;
  return out;
}

}  // namespace walpulse::connector
