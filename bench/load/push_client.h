#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/load/mage_events.h"

namespace walpulse::bench {

struct PushOptions {
  EventShape shape;
  std::uint64_t first = 0;  ///< The number of the first event.
  std::uint64_t events = 20'000;
  std::size_t connections = 200;
  double rate = 0;  ///< Requests a second; 0: each connection as fast as it is answered.
  std::uint16_t port = 8080;
};

struct PushFigures {
  double seconds = 0;  ///< From the first request to the last answer.
  double cpu_seconds = 0;
  std::vector<double> waits_ms;  ///< Sorted. With a rate: from when the request was due.
  std::uint64_t refused = 0;     ///< Answers other than 204.
  bool broken = false;           ///< A connection could not be made, or was lost.
};

/// Pushes each event in its envelope as Pub/Sub does, over keep-alive connections with one request
/// in flight each. The requests are made before.
PushFigures push_events(const PushOptions& options);

}  // namespace walpulse::bench
