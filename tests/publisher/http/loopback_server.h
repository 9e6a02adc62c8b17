#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace walpulse::http {

/// The server's end of one connection: reads requests, writes whatever bytes a test wants.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  /// One request, head and body by Content-Length; empty where the client hung up.
  std::string read_request() {
    std::size_t head = std::string::npos;
    while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return {};
    }
    std::size_t length = head + 4;
    if (const auto at = buffer_.find("Content-Length: "); at < head) {
      length += std::stoul(buffer_.substr(at + 16));
    }
    while (buffer_.size() < length) {
      if (!fill()) return {};
    }
    std::string request = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return request;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void wait_for_hang_up() {
    while (fill()) {
    }
  }

  /// True where the client hangs up within `milliseconds`.
  bool hangs_up_within(int milliseconds) {
    pollfd end{fd_, POLLIN, 0};
    return ::poll(&end, 1, milliseconds) > 0 && !fill();
  }

  /// The next close sends a reset.
  void reset_on_close() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  bool fill() {
    char bytes[65536];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  int fd_;
  std::string buffer_;
};

/// Runs `serve` in a thread of its own for each connection to a port of 127.0.0.1.
class LoopbackServer {
 public:
  using Serve = std::function<void(Peer&)>;

  explicit LoopbackServer(Serve serve)
      : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] { accept_all(); });
  }

  ~LoopbackServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    peers_.clear();  // Joins; each closes its own socket.
    ::close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  std::size_t connection_count() const {
    const std::lock_guard lock(mutex_);
    return connection_count_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      ++connection_count_;
      open_.push_back(fd);
      peers_.emplace_back([this, fd] { serve_one(fd); });
    }
  }

  void serve_one(int fd) {
    Peer peer(fd);
    serve_(peer);
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ::close(fd);
  }

  Serve serve_;
  int listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::size_t connection_count_ = 0;
  std::vector<int> open_;
  std::vector<std::jthread> peers_;
  std::jthread acceptor_;
};

}  // namespace walpulse::http
