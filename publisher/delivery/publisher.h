#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/schema/attributes.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::publisher {

struct Message {
  std::string data;
  schema::AttributesJson attributes;
  std::string ordering_key;  ///< Empty: no order asked for.
  /// It is late anyway: some milliseconds more for others of its key save requests.
  bool can_linger = false;
  /// Means nothing here; handed back once the sink holds the message for good.
  std::uint64_t ticket = 0;

  /// Empty again, with its memory.
  void clear() {
    data.clear();
    attributes.clear();
    ordering_key.clear();
    can_linger = false;
    ticket = 0;
  }
};
/// Bytes a message costs while it waits: data, attributes, key and a fixed overhead.
std::size_t message_bytes(const Message& message);

/// Called once for each message after the sink confirmed it. Runs on lane threads: return fast.
using Acknowledged = std::function<void(std::uint64_t ticket)>;

struct PublisherStatus {
  std::size_t pending_bytes = 0;
  std::size_t pending_messages = 0;
  std::uint64_t published_count = 0;
  std::uint64_t retried_count = 0;          ///< Requests sent again.
  telemetry::Distribution publish_latency;  ///< Seconds, request sent to acknowledged.
  /// Why the sink does not take messages at the moment, since when; empty while it does.
  std::string trouble;
  std::chrono::steady_clock::time_point trouble_since;
  /// Since when something is pending and nothing at all was acknowledged; empty while nothing is
  /// pending. One lane in trouble beside others that deliver does not let it grow old.
  std::optional<std::chrono::steady_clock::time_point> waiting_since;
};

/// The contract: a message taken is either acknowledged (the sink holds it durably) or still
/// pending; it is never given up. Messages of one ordering key reach the sink in the order taken.
/// After an Error nothing later is acknowledged.
class Publisher {
 public:
  virtual ~Publisher() = default;
  /// Takes the message if the pending limits have room, else returns false: the caller stops
  /// reading and comes back. What it leaves behind is empty, often with the memory of a message
  /// that was delivered, to write the next one into. Never waits. An Error is final: some earlier
  /// message can never be delivered. One calling thread.
  virtual Result<bool> publish(Message& message) = 0;
  /// Waits until everything taken is acknowledged; timed_out when the deadline passes first.
  virtual Result<void> drain(std::chrono::steady_clock::time_point deadline) = 0;
  virtual PublisherStatus status() const = 0;
};

/// Sends one batch in one go. Lanes, batching and retries live above it, HTTP below it. Called from
/// several lane threads at once.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  /// Success means that the sink holds every message. retryable() errors are tried again with the
  /// same batch; `rejected` and `malformed` end the stream. `stop` makes a hanging call return
  /// soon, with `cancelled`.
  virtual Result<void> send(const std::vector<Message>& batch, std::stop_token stop = {}) = 0;
  /// How many messages and bytes (as wire_bytes counts them) one request may carry.
  virtual std::size_t batch_messages_max() const = 0;
  virtual std::size_t batch_bytes_max() const = 0;
  /// What `message` adds to a request's size: at least what it really takes.
  virtual std::size_t wire_bytes(const Message& message) const { return message_bytes(message); }
  /// True: a batch holds messages of one ordering key only. False: whatever came, as it came.
  virtual bool one_key_per_request() const { return true; }
  /// How many requests may be out at once. With one lane, and several keys a request, the order
  /// over all keys is the order taken.
  virtual std::size_t lanes_max() const { return std::numeric_limits<std::size_t>::max(); }
};

}  // namespace walpulse::publisher
