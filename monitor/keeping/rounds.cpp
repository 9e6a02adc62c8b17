#include "monitor/keeping/rounds.h"

#include <utility>

namespace walpulse::monitor {

Rounds::Rounds(Work work)
    : work_(std::move(work)), thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

Rounds::~Rounds() = default;

void Rounds::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto pause = work_(stop);
    std::unique_lock lock(mutex_);
    waiting_.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace walpulse::monitor
