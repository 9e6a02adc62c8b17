#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "connector/capture/heartbeat_sender.h"
#include "decoder/base/backoff.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

/// Why the stream should be parked, or nothing: requests fail, and for `park_after` the sink took
/// nothing at all. One ordering key in trouble beside others that flow is no reason, and neither is
/// a sink that is merely slow: both are held back. Pure.
std::optional<std::string> park_reason(const publisher::PublisherStatus& sink,
                                       Clock::time_point now, std::chrono::milliseconds park_after);

/// A parked stream holds neither the replication connection nor a message: the slot holds
/// everything. Meanwhile the slot is free. A standby takes it over: where only this connector's way
/// to the sink is broken, that is what a standby is for; where the sink itself is down, it parks as
/// well. Whoever's probe is answered first streams on, the other becomes the standby.
///
/// Probes the sink with backoff by publishing a heartbeat, until it takes one or `stop`. The board
/// says `parked`, and why. An Error: the sink refused the heartbeat for good. `pause` waits and
/// returns early on a stop.
Result<void> wait_while_parked(publisher::BatchSink& sink, HeartbeatSender& heartbeats,
                               SharedStatus& board, std::stop_token stop, Backoff backoff,
                               const std::function<void(std::chrono::milliseconds)>& pause);

}  // namespace walpulse::connector
