#pragma once

#include <atomic>
#include <chrono>

namespace walpulse::connector {

/// An event that one thread polls beside its socket and any thread may raise: an acknowledgement
/// made room, a signal came. Raising it twice is raising it once. Lives in an eventfd(2).
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Change first what the waiter will look at, then raise. Costs a system call only where the
  /// event was not raised already.
  void raise();
  /// Takes the event back; look at the state after, not before.
  bool clear();
  int descriptor() const { return descriptor_; }
  /// Until it is raised or the deadline; takes nothing back.
  void await(std::chrono::steady_clock::time_point deadline) const;

 private:
  int descriptor_;
  std::atomic<bool> raised_{false};
};

}  // namespace walpulse::connector
