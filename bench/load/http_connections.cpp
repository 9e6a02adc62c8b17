#include "bench/load/http_connections.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>

namespace walpulse::bench {
namespace {

constexpr double kWaitMax = 1;  ///< Seconds.

timespec as_timespec(double seconds) {
  const double bounded = std::clamp(seconds, 0.0, kWaitMax);
  timespec time{};
  time.tv_sec = static_cast<std::time_t>(bounded);
  time.tv_nsec = static_cast<long>((bounded - std::floor(bounded)) * 1e9);
  return time;
}

}  // namespace

HttpConnections::HttpConnections(std::uint16_t port, std::size_t count)
    : events_(::epoll_create1(EPOLL_CLOEXEC)) {
  for (std::size_t i = 0; i < count; ++i) {
    Connection& connection = connections_.emplace_back();
    connection.socket = connect_to(port);
    if (!connection.socket) broken_ = true;
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = i;
    ::epoll_ctl(events_.descriptor(), EPOLL_CTL_ADD, connection.socket.descriptor(), &wanted);
  }
}

void HttpConnections::send(std::size_t connection, std::string_view request) {
  if (!connections_[connection].socket.send_all(request)) broken_ = true;
}

void HttpConnections::receive(double seconds, const Take& take) {
  epoll_event ready[256];
  // By the nanosecond: whoever waits for a part of a millisecond must not spin through it.
  const timespec wait = as_timespec(seconds);
  const int count = ::epoll_pwait2(events_.descriptor(), ready, 256, &wait, nullptr);
  if (count < 0 && errno != EINTR) broken_ = true;
  for (int i = 0; i < count; ++i) receive_from(ready[i].data.u64, take);
}

void HttpConnections::receive_from(std::size_t index, const Take& take) {
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  Connection& connection = connections_[index];
  const auto received =
      ::recv(connection.socket.descriptor(), connection.reader.room(kPiece), kPiece, 0);
  if (received <= 0) {
    broken_ = true;
    return;
  }
  connection.reader.filled(static_cast<std::size_t>(received));
  while (const auto answer = connection.reader.next()) take(index, *answer);
}

}  // namespace walpulse::bench
