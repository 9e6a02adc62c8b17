#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace walpulse::monitor {

/// Something done again and again, on a thread of its own, from the object's birth to its end.
class PeriodicTask {
 public:
  /// Does one round and answers how long to wait before the next. Ends soon after `stop`.
  using Work = std::function<std::chrono::milliseconds(std::stop_token stop)>;

  explicit PeriodicTask(Work work);
  /// Interrupts the wait, and waits for the round under way.
  ~PeriodicTask();

  /// Begins the next round at once, or right behind the one under way. Thread-safe.
  void wake();

 private:
  void run(std::stop_token stop);

  const Work work_;
  std::mutex mutex_;
  std::condition_variable_any waiting_;
  bool woken_ = false;
  std::jthread thread_;
};

/// A periodic task of what starts and stops, while others may wake it at any time. Thread-safe.
class Rounds {
 public:
  void begin(PeriodicTask::Work work);
  /// Waits for the round under way.
  void end();
  /// As PeriodicTask::wake(); before the begin and behind the end it does nothing.
  void wake();

 private:
  std::mutex mutex_;
  std::unique_ptr<PeriodicTask> task_;
};

}  // namespace walpulse::monitor
