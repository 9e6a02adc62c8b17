#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "bench/load/http_socket.h"

namespace walpulse::bench {

/// Keep-alive connections to one port of this machine, from one thread.
class HttpConnections {
 public:
  using Take = std::function<void(std::size_t connection, const HttpMessage& answer)>;

  HttpConnections(std::uint16_t port, std::size_t count);

  std::size_t size() const { return connections_.size(); }
  /// One could not be made, or was lost.
  bool broken() const { return broken_; }
  void send(std::size_t connection, std::string_view request);
  /// Waits for answers, `seconds` at most, and gives `take` each whole one.
  void receive(double seconds, const Take& take);

 private:
  struct Connection {
    Socket socket;
    HttpReader reader;
  };
  void receive_from(std::size_t index, const Take& take);

  std::deque<Connection> connections_;
  Socket events_;  ///< epoll's
  bool broken_ = false;
};

}  // namespace walpulse::bench
