#pragma once

#include <chrono>
#include <optional>

#include "connector/capture/shared_status.h"
#include "decoder/schema/heartbeat.h"

namespace walpulse::connector {

/// More than 16 MiB of WAL between the confirmed and the server's position, or a walsender that
/// answers without getting on. Pure.
bool catching_up(const ConnectorStatus& status);

/// Pure: what `status` means, as a heartbeat with sequence 0.
schema::Heartbeat heartbeat_of(const ConnectorStatus& status, Timestamp now);

publisher::Message heartbeat_message(const schema::Heartbeat& heartbeat);

/// When the next heartbeat is due, and its number. One thread; lives as long as the process.
class HeartbeatSender {
 public:
  explicit HeartbeatSender(std::chrono::milliseconds interval) : interval_(interval) {}

  Clock::time_point next_due() const { return next_due_; }
  publisher::Message make(const ConnectorStatus& status, Timestamp now) const;
  void sent(Clock::time_point now);
  /// The publisher was full.
  void refused(Clock::time_point now);
  /// The next one is due at once: the first of a stay on the slot, or the last.
  void send_now() { next_due_ = {}; }

 private:
  const std::chrono::milliseconds interval_;
  std::uint64_t sequence_ = 0;
  Clock::time_point next_due_{};
};

}  // namespace walpulse::connector
