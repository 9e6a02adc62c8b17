#include "bench/load/http_socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace walpulse::bench {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::size_t body_bytes(std::string_view head) {
  std::size_t length = 0;
  if (head.starts_with("HTTP/1.1 304")) return length;
  const std::string_view text = header_of(head, "Content-Length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void answer_at_once(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

std::string_view header_of(std::string_view head, std::string_view name) {
  constexpr std::string_view kEnd = "\r\n";
  for (std::size_t at = head.find(kEnd); at != std::string_view::npos;) {
    const std::size_t begin = at + kEnd.size();
    at = head.find(kEnd, begin);
    const std::string_view line = head.substr(begin, at - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same(line.substr(0, colon), name)) continue;
    const std::string_view value = line.substr(colon + 1);
    return value.substr(std::min(value.find_first_not_of(' '), value.size()));
  }
  return {};
}

char* HttpReader::room(std::size_t bytes) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() < end_ + bytes) {
    buffer_.erase(0, begin_);
    end_ -= std::exchange(begin_, 0);
    if (buffer_.size() < end_ + bytes) buffer_.resize(std::max(end_ + bytes, buffer_.size() * 2));
  }
  return buffer_.data() + end_;
}

std::optional<HttpMessage> HttpReader::next() {
  const std::string_view there(buffer_.data() + begin_, end_ - begin_);
  const std::size_t head_end = there.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  const std::string_view head = there.substr(0, head_end);
  const std::size_t size = head_end + 4 + body_bytes(head);
  if (there.size() < size) return std::nullopt;
  begin_ += size;
  return HttpMessage{head.substr(0, head.find("\r\n")), head,
                     there.substr(head_end + 4, size - head_end - 4)};
}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Socket::release() { return std::exchange(descriptor_, -1); }

bool Socket::send_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Socket listen_on(std::uint16_t port) {
  Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(listener.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(listener.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ||
      ::listen(listener.descriptor(), 128))
    return Socket();
  return listener;
}

Socket connect_to(std::uint16_t port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address))
    return Socket();
  answer_at_once(socket.descriptor());
  return socket;
}

std::uint16_t port_of(const Socket& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace walpulse::bench
