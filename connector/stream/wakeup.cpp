#include "connector/stream/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>

namespace walpulse::connector {

Wakeup::Wakeup() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  assert(descriptor_ >= 0);  // poll() ignores a negative one: then only deadlines wake
}

Wakeup::~Wakeup() { ::close(descriptor_); }

void Wakeup::raise() {
  if (raised_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Wakeup::await(std::chrono::steady_clock::time_point deadline) const {
  const auto left = deadline - std::chrono::steady_clock::now();
  if (left <= std::chrono::steady_clock::duration::zero()) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
  pollfd polled{descriptor_, POLLIN, 0};
  ::ppoll(&polled, 1, &timeout, nullptr);
}

bool Wakeup::clear() {
  std::uint64_t count = 0;
  if (::read(descriptor_, &count, sizeof count) != sizeof count) return false;
  // A raise() between the read and here writes nothing, but its change is made: the caller sees it.
  raised_.store(false);
  return true;
}

}  // namespace walpulse::connector
