#include "monitor/intake/large_bodies.h"

#include <utility>

namespace walpulse::monitor {

LargeBodies::LargeBodies(std::size_t bytes_max,
                         std::function<void(PushedBody, std::stop_token)> read)
    : bytes_max_(bytes_max),
      read_(std::move(read)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

bool LargeBodies::push(PushedBody& body) {
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = body.text.size();
  if (bytes_ != 0 && bytes_ + bytes > bytes_max_) return false;
  bytes_ += bytes;
  waiting_.push_back(std::move(body));
  changed_.notify_all();
  return true;
}

void LargeBodies::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    if (stop.stop_requested()) return;
    PushedBody body = std::move(waiting_.front());
    waiting_.pop_front();
    const std::size_t bytes = body.text.size();
    lock.unlock();
    read_(std::move(body), stop);
    lock.lock();
    bytes_ -= bytes;
  }
}

}  // namespace walpulse::monitor
