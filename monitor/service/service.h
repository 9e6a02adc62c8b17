#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "monitor/service/component.h"

namespace walpulse::monitor {

/// The running monitor: its components in the order of their lives, each behind those that it
/// needs. start() and stop() belong to one thread.
class Service {
 public:
  using Clock = Component::Clock;

  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  /// Stops what runs, at once, then destroys the last first.
  ~Service();

  /// Puts a component behind the others; before start().
  template <class T, class... Args>
  T& add(Args&&... args) {
    auto component = std::make_unique<T>(std::forward<Args>(args)...);
    T& added = *component;
    components_.push_back(std::move(component));
    return added;
  }

  /// Starts all, the first first. Where one fails those before it are stopped at once, and its
  /// Error is returned.
  Result<void> start();
  /// Stops all, the last first. They share the deadline: one that overruns it takes no other's
  /// stop away, only its time.
  void stop(Clock::time_point deadline);
  /// What all that run say, in the order of their lives. For the components themselves.
  Health health() const;

 private:
  std::vector<std::unique_ptr<Component>> components_;
  std::atomic<std::size_t> started_ = 0;
};

}  // namespace walpulse::monitor
