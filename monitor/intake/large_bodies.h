#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "publisher/http/server.h"

namespace walpulse::monitor {

/// A pushed body, and what it takes to answer it.
struct PushedBody {
  std::string text;
  std::string traceparent;  ///< Of the request; empty where there is none.
  http::Respond respond;
};

/// Large bodies are read here, one after the other, so that the server's threads, which all clients
/// share, are never kept for long. Thread-safe.
class LargeBodies {
 public:
  /// `read` runs on the thread of its own. No more than `bytes_max` are kept, but for one body.
  LargeBodies(std::size_t bytes_max, std::function<void(PushedBody, std::stop_token)> read);
  /// What still waits is not answered.
  ~LargeBodies() = default;

  /// Moves from the body. False where there is no room: then it is untouched.
  bool push(PushedBody& body);

 private:
  void run(const std::stop_token& stop);

  const std::size_t bytes_max_;
  const std::function<void(PushedBody, std::stop_token)> read_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<PushedBody> waiting_;
  std::size_t bytes_ = 0;  ///< Of those that wait, and of the one that is being read.
  std::jthread thread_;
};

}  // namespace walpulse::monitor
