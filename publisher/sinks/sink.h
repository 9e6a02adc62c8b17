#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "decoder/base/environment.h"
#include "decoder/base/result.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {

struct SinkOptions {
  std::chrono::milliseconds request_timeout{60'000};
  Environment environment;  ///< Decides about PUBSUB_EMULATOR_HOST and credentials.
  /// Of the identity token that an http(s) sink sends along. Empty: the URL's scheme and host for
  /// https, no token for http; "none": no token.
  std::string push_audience;
};

/// A sink and everything it stands on (HTTP client, credentials).
class Sink : public BatchSink {
 public:
  /// Whether the far end is there and lets us in; `denied` names what is missing and the remedy.
  virtual Result<void> check() = 0;
  /// "pubsub://project/topic", without secrets, for logs.
  virtual std::string name() const = 0;
  /// As whom it sends, for messages; empty where nobody asks.
  virtual std::string identity() const { return {}; }
};

/// `pubsub://PROJECT/TOPIC`, `http(s)://host[:port][/path]` (Pub/Sub's push envelope, one request a
/// message) or `stdout` (one JSON line an event; what is none, as heartbeats, left out). Rejected
/// with a valid example for anything else.
Result<std::unique_ptr<Sink>> make_sink(std::string_view url, const SinkOptions& options);

}  // namespace walpulse::publisher
