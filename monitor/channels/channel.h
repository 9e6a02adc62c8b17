#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "monitor/ledger/stores/deliveries.h"

namespace walpulse::monitor {

/// What is sent.
struct Outgoing {
  Delivery::Kind kind = Delivery::Kind::message;
  std::string content;  ///< Delivery::content.
  std::string key;      ///< Idempotency-Key.
  std::string target;   ///< Where in the channel; Delivery::subject.
};

/// What a receiver said.
struct Answer {
  enum class Verdict : std::uint8_t {
    taken,
    again,  ///< Later.
    never,  ///< Given up at once: the receiver will never take it.
  };
  Verdict verdict = Verdict::again;
  std::optional<std::chrono::seconds> retry_after;  ///< Of `again`, where the receiver said it.
  std::string text;                                 ///< For people. No secret is in it.
};

/// A way out. One call at a time.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Returns within `deadline`, and soon after `stop`.
  virtual Answer send(const Outgoing& outgoing, std::chrono::milliseconds deadline,
                      std::stop_token stop) = 0;
};

}  // namespace walpulse::monitor
