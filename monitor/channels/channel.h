#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "monitor/ledger/stores/deliveries.h"

namespace walpulse::monitor {

/// What is handed to a channel: a delivery, as far as it has to know it.
struct Outgoing {
  Delivery::Kind kind = Delivery::Kind::message;
  std::string content;  ///< Delivery::content.
  std::string key;      ///< Delivery::key: the same at every attempt.
  std::string target;   ///< Within the channel: "#data-finance"; empty: it has one only.
};

/// What became of an attempt.
struct Answer {
  enum class Verdict : std::uint8_t {
    taken,
    partly,  ///< Some of it was taken: the rest is sent with the next attempt, at once.
    again,   ///< It may be taken later, without anybody changing it.
    never,   ///< It will not be taken until somebody mends something: it is given up at once.
  };
  Verdict verdict = Verdict::again;
  /// Not sooner, by the receiver's word; at most an hour.
  std::optional<std::chrono::seconds> retry_after = {};
  std::string text = {};  ///< For people, at most some 500 bytes; no secret is in it.
  bool operator==(const Answer&) const = default;
};

/// One receiver. Secrets are read again at each attempt: one that is changed is in force with the
/// next. Any number of threads.
class Channel {
 public:
  virtual ~Channel() = default;
  /// One attempt, within `deadline`; `stop` ends it at once, with `again`. Redirects are not
  /// followed.
  virtual Answer send(const Outgoing& outgoing, std::chrono::milliseconds deadline,
                      std::stop_token stop) = 0;
};

}  // namespace walpulse::monitor
