#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>

namespace walpulse::http {

/// How long a connection may take to bring a whole request, and then to take its answer. A limit on
/// silence alone is met by one byte now and then ("slow loris"), and each such connection holds its
/// place for as long as it likes. Shuts the socket down; closing it stays with its owner.
/// Thread-safe.
class ConnectionDeadlines {
 public:
  using Clock = std::chrono::steady_clock;
  class Connection;

  explicit ConnectionDeadlines(std::chrono::milliseconds limit) : limit_(limit) {}

  /// Its time begins.
  Connection* open(int socket);
  /// Its time begins anew. Connections may be null, here and below: they have no deadline.
  void restart(Connection* connection);
  /// It waits for us: its time stands still until restart().
  void pause(Connection* connection);
  /// Before its socket is closed.
  void close(Connection* connection);

  /// Shuts down what is late, until stopped. A thread's work.
  void watch(std::stop_token stop);

  /// Every connection is late from now on. Returns when all are closed, or after `wait`.
  void end(std::chrono::milliseconds wait);

 private:
  void leave(Connection& connection);

  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Connection*> running_;  // In the order of their deadlines.
  std::size_t open_ = 0;
  bool ended_ = false;
};

}  // namespace walpulse::http
