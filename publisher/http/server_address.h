#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace walpulse::http {

/// Where a server listens.
struct ServerAddress {
  sockaddr_storage storage{};
  bool ipv6 = false;
};

/// Nothing where `text` is not the number of an IP address.
std::optional<ServerAddress> parse_address(const std::string& text, std::uint16_t port);

/// How many of `wanted` sockets leave room for the files that everything else opens; raises this
/// process's soft limit of open files where they need that.
unsigned sockets_with_room(unsigned wanted);

}  // namespace walpulse::http
