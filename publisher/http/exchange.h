#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "publisher/http/server.h"

namespace walpulse::http {

/// One request, from its headers until its answer is sent or its connection gone. The server's
/// thread owns the first group; Exchanges owns the second.
struct Exchange {
  std::string body;
  std::size_t announced_bytes = 0;  ///< By Content-Length; 0 for a chunked body.
  std::size_t discarded_bytes = 0;
  int refusal = 0;  ///< The status known before the whole body is: the rest is read and dropped.
  bool handled = false;

  void* connection = nullptr;  ///< Null as soon as the server has finished with it.
  std::size_t body_bytes = 0;  ///< Counted among all bodies.
  bool answered = false;
  bool suspended = false;
  ServerResponse response;
  std::chrono::steady_clock::time_point deadline;
  std::list<std::shared_ptr<Exchange>>::iterator position;  ///< Valid while suspended.
};

/// Puts a connection to sleep and wakes it; called with the lock held, must not call back.
struct ConnectionControl {
  void (*suspend)(void* connection);
  void (*resume)(void* connection);
};

/// The requests under way: what waits for an answer, until when, and how many bytes of bodies there
/// are. Knows no HTTP library. Thread-safe; shared with every Respond, which may outlive the
/// server.
class Exchanges {
 public:
  Exchanges(ConnectionControl control, std::chrono::milliseconds handler_timeout,
            std::size_t bodies_bytes_max);

  /// A request begins. False once stop() was called: it is to be refused.
  bool begin(Exchange& exchange);
  /// Counts `bytes` more of its body; false, and nothing counted, where all bodies have no room.
  bool take_bytes(Exchange& exchange, std::size_t bytes);
  void release_bytes(Exchange& exchange);
  /// Keeps the answer and wakes the connection. The first answer counts, later ones do nothing.
  void answer(Exchange& exchange, ServerResponse response);
  /// The answer, or nothing: then the connection sleeps until there is one.
  std::optional<ServerResponse> answer_or_suspend(const std::shared_ptr<Exchange>& exchange);
  /// The server has finished with the connection's request, answered or not.
  void complete(Exchange& exchange);
  bool stopping() const;

  /// Refuses new requests, waits for those under way until `deadline`, then answers the rest with
  /// 503: afterwards no connection sleeps or falls asleep.
  void stop(std::chrono::milliseconds deadline);
  /// Answers what waited longer than `handler_timeout` with 503, until stopped. A thread's work.
  void expire(std::stop_token stop);

 private:
  void answer_locked(Exchange& exchange, ServerResponse response);

  const ConnectionControl control_;
  const std::chrono::milliseconds handler_timeout_;
  const std::size_t bodies_bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<std::shared_ptr<Exchange>> suspended_;  // In the order of their deadlines.
  std::size_t active_ = 0;
  std::size_t bodies_bytes_ = 0;
  bool stopping_ = false;
  bool closing_ = false;
};

}  // namespace walpulse::http
