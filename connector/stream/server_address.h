#pragma once

#include <string>

namespace walpulse::connector {

/// Which of the servers that a dsn names a connection is on.
struct ServerAddress {
  std::string host;          ///< A name, or the folder of a Unix socket.
  std::string host_address;  ///< What the name led to; empty for a Unix socket.
  std::string port;
};

/// The dsn, as keywords and values, that leads to that server and to no other, of whatever sort it
/// is by now. Pure.
std::string with_server(const std::string& dsn, const ServerAddress& server);

}  // namespace walpulse::connector
