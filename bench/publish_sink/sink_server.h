#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace walpulse::bench {

struct SinkOptions {
  std::uint16_t port = 0;              ///< On loopback; 0 = any free one.
  std::chrono::microseconds delay{0};  ///< From a request's last byte to its answer.
  bool keep_latencies = false;         ///< Commit (ce-time) to the request's last byte.
};

/// What came in so far. Instants are microseconds of the Unix clock, 0 = never.
struct SinkCounts {
  std::uint64_t requests = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::int64_t first_at = 0;
  std::int64_t last_at = 0;
  std::vector<std::int64_t> latencies;  ///< Microseconds.
};

/// The fastest Pub/Sub that one thread and epoll make: each publish request is answered with as
/// many message ids as it has messages, `delay` later, whatever else goes on meanwhile. GET /counts
/// and GET /latencies answer JSON. Runs until SIGTERM; prints the port first. Returns the exit
/// code.
int serve(const SinkOptions& options);

}  // namespace walpulse::bench
