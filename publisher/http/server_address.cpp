#include "publisher/http/server_address.h"

#include <arpa/inet.h>
#include <sys/resource.h>

#include <algorithm>

namespace walpulse::http {

std::optional<ServerAddress> parse_address(const std::string& text, std::uint16_t port) {
  ServerAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  address.ipv6 = true;
  return address;
}

unsigned sockets_with_room(unsigned wanted) {
  constexpr rlim_t kOthers = 448;  // a small second server's among them
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlim_t needed = wanted + kOthers;
  if (files.rlim_cur >= needed) return wanted;
  const rlim_t soft = files.rlim_cur;
  files.rlim_cur = std::min(needed, files.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = soft;
  return static_cast<unsigned>(files.rlim_cur - std::min(kOthers, files.rlim_cur / 2));
}

}  // namespace walpulse::http
