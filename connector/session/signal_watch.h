#pragma once

#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>

#include "connector/stream/wakeup.h"

namespace walpulse::connector {

/// SIGTERM and SIGINT ask `stop` to stop and raise `wakeup`; the second one ends the process at
/// once with 128 + its number. SIGPIPE is ignored: a closed pipe is an error of its write. Make it
/// before any other thread, so that all of them inherit the blocked signals.
class SignalWatch {
 public:
  SignalWatch(std::stop_source stop, Wakeup& wakeup, std::chrono::milliseconds stop_max);
  ~SignalWatch();

  /// The work is done: the process ends with `code`, at the latest after a second.
  void leave(int code);

 private:
  void watch(int signals, std::stop_source stop, Wakeup& wakeup,
             std::chrono::milliseconds stop_max);

  Wakeup end_;
  Wakeup leave_;
  std::atomic<int> code_{0};
  std::jthread thread_;
};

}  // namespace walpulse::connector
