#include "monitor/storage/socket_deadline.h"

#include <sys/socket.h>

namespace walpulse::monitor {
namespace {

constexpr std::chrono::hours kIdleLook{1};

}  // namespace

SocketDeadline::SocketDeadline() : thread_([this] { run(); }) {}

SocketDeadline::~SocketDeadline() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

SocketDeadline::Call::Call(SocketDeadline& deadline, int socket, Clock::duration duration_max)
    : deadline_(deadline) {
  deadline_.watch(Watched{socket, Clock::now() + duration_max});
}

SocketDeadline::Call::~Call() { deadline_.watch(std::nullopt); }

void SocketDeadline::watch(std::optional<Watched> call) {
  const std::lock_guard lock(mutex_);
  call_ = call;
  // An earlier look is in time for this call too: thousands of short calls wake nobody.
  if (call_ && call_->until < next_look_) changed_.notify_all();
}

void SocketDeadline::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (call_ && call_->until <= Clock::now()) {
      ::shutdown(call_->socket, SHUT_RDWR);
      call_.reset();
    }
    next_look_ = call_ ? call_->until : Clock::now() + kIdleLook;
    changed_.wait_until(lock, next_look_);
  }
}

}  // namespace walpulse::monitor
