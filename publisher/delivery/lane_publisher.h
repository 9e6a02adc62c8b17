#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "decoder/base/backoff.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {

struct LaneOptions {
  std::size_t lane_count = 8;  ///< At least 1; a sink's lanes_max() may lower it.
  std::size_t pending_bytes_max = 16u << 20;
  BackoffOptions backoff;
  /// How far apart a lane's requests begin while a small backlog waits for more.
  std::chrono::milliseconds request_gap{10};
};

/// Spreads messages over lanes by ordering key. A lane is one thread with one request in flight, so
/// a key's messages leave in order by construction, and a failed batch is sent again before
/// anything later of that lane. An idle lane sends at once; batches form by themselves while a
/// request is out. Destruction abandons what is pending (the slot still holds it) and cancels what
/// is in flight. `sink` must outlive it. With `lane_count = 1` the lane takes the oldest message's
/// key first, so only a sink without one_key_per_request() sees the order over all keys (stdout).
std::unique_ptr<Publisher> make_lane_publisher(BatchSink& sink, const LaneOptions& options,
                                               Acknowledged acknowledged);

}  // namespace walpulse::publisher
