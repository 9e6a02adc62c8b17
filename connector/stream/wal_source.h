#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"
#include "decoder/pgoutput/byte_cursor.h"

namespace walpulse::connector {

using Clock = std::chrono::steady_clock;

/// One pgoutput message. For logical decoding the walsender fills both of XLogData's positions with
/// the same value, 0/0 for some messages, so neither says how far the stream is.
struct WalData {
  Lsn start;
  Timestamp sent_at;
  decoder::Bytes message;  ///< Valid until the next call to next().
};
struct Keepalive {
  Lsn server_end;  ///< Everything before it was decoded and sent.
  Timestamp sent_at;
  bool reply_requested = false;
};
using Frame = std::variant<WalData, Keepalive>;

/// What the server is told. `flushed` lets it recycle WAL: it must never pass a change that the
/// sink has not acknowledged. 0/0 leaves the slot where it is.
struct Feedback {
  Lsn received;
  Lsn flushed;
  bool reply_requested = false;
  bool operator==(const Feedback&) const = default;
};

/// Where frames come from: the walsender, or a test. One thread.
class WalSource {
 public:
  virtual ~WalSource() = default;
  /// The next frame; nothing when the deadline passed or somebody called for attention first.
  virtual Result<std::optional<Frame>> next(Clock::time_point deadline) = 0;
  /// Waits for the deadline or a call for attention and reads nothing: the server is held back.
  virtual void wait_without_reading(Clock::time_point deadline) = 0;
  virtual Result<void> send(const Feedback& feedback) = 0;
};

}  // namespace walpulse::connector
