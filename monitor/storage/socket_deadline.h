#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace walpulse::monitor {

/// Ends calls that wait on a socket for too long, by shutting it. A peer whose host answers TCP,
/// but which itself says nothing any more (stopped, or behind a half-open proxy), is found by
/// nothing else: libpq waits for ever. Thread-safe; one call at a time.
class SocketDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  SocketDeadline();
  ~SocketDeadline();

  /// While it lives, the call may last; the socket must stay open as long.
  class Call {
   public:
    Call(SocketDeadline& deadline, int socket, Clock::duration duration_max);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    SocketDeadline& deadline_;
  };

 private:
  struct Watched {
    int socket = -1;
    Clock::time_point until;
  };
  void run();
  void watch(std::optional<Watched> call);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Watched> call_;
  Clock::time_point next_look_ = Clock::time_point::max();
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace walpulse::monitor
