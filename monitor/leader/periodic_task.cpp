#include "monitor/leader/periodic_task.h"

#include <utility>

namespace walpulse::monitor {

PeriodicTask::PeriodicTask(Work work)
    : work_(std::move(work)), thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

PeriodicTask::~PeriodicTask() = default;

void PeriodicTask::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  waiting_.notify_all();
}

void PeriodicTask::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto pause = work_(stop);
    std::unique_lock lock(mutex_);
    waiting_.wait_for(lock, stop, pause, [this] { return std::exchange(woken_, false); });
  }
}

void Rounds::begin(PeriodicTask::Work work) {
  const std::lock_guard lock(mutex_);
  task_ = std::make_unique<PeriodicTask>(std::move(work));
}

void Rounds::end() {
  std::unique_ptr<PeriodicTask> ended;  // Waited for without the lock: its round may wake itself.
  {
    const std::lock_guard lock(mutex_);
    ended = std::move(task_);
  }
}

void Rounds::wake() {
  const std::lock_guard lock(mutex_);
  if (task_) task_->wake();
}

}  // namespace walpulse::monitor
