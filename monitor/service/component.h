#pragma once

#include <chrono>
#include <string_view>

#include "decoder/base/result.h"
#include "monitor/api/health.h"

namespace walpulse::monitor {

/// A part of the running monitor. Service starts it once, after the components that it needs, and
/// stops it before them.
class Component {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Component() = default;
  virtual std::string_view name() const = 0;
  /// After an Error the component holds nothing that has to be stopped.
  virtual Result<void> start() = 0;
  /// Tells it that stop() comes soon, so that what takes long can wind down while others stop.
  /// Must not wait.
  virtual void request_stop() {}
  /// Completes what it took, and ends its threads. Where `deadline` is near or past it leaves
  /// undone what may be left undone.
  virtual void stop(Clock::time_point deadline) = 0;
  /// Called by components that started later, from their threads, between start() and stop().
  virtual Health health() const { return {}; }
};

}  // namespace walpulse::monitor
