#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

/// How long a sink may take nothing until the server is let go of.
inline constexpr std::chrono::seconds kSinkPatience{30};

/// Waits until everything taken is acknowledged, or never can be; false: a stop came first. `stuck`
/// is called once, as soon as the sink has taken nothing for `patience`.
bool await_delivery(publisher::Publisher& publisher, const std::stop_token& stop,
                    std::chrono::steady_clock::duration patience,
                    const std::function<void(const publisher::PublisherStatus&)>& stuck);

}  // namespace walpulse::connector
