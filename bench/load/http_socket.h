#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// As little HTTP/1.1 as a load generator needs, so that it costs next to nothing itself.
namespace walpulse::bench {

/// One message's head and body, as views into a connection's buffer.
struct HttpMessage {
  std::string_view first_line;
  std::string_view head;
  std::string_view body;
};
/// The value of a header's line, whatever the case of its name; empty where there is none.
std::string_view header_of(std::string_view head, std::string_view name);

/// Cuts what arrives into messages with Content-Length, which 304 has without a body. Nothing else
/// is understood.
class HttpReader {
 public:
  /// Where the next bytes are to go, and how many there is room for.
  char* room(std::size_t bytes);
  void filled(std::size_t bytes) { end_ += bytes; }
  /// The next whole message; valid until the next call of room().
  std::optional<HttpMessage> next();

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// An open TCP socket, closed with the object.
class Socket {
 public:
  explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  int descriptor() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  /// False where the peer is gone.
  bool send_all(std::string_view bytes) const;

 private:
  int release();
  int descriptor_;
};
Socket listen_on(std::uint16_t port);
Socket connect_to(std::uint16_t port);
std::uint16_t port_of(const Socket& listener);

/// User and system time of this process so far.
double cpu_seconds();

}  // namespace walpulse::bench
