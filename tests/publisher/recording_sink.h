#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {

inline Message message(std::string data, std::string key = "", std::uint64_t ticket = 0) {
  Message made;
  made.data = std::move(data);
  made.ordering_key = std::move(key);
  made.ticket = ticket;
  return made;
}

/// Takes batches as a function says and remembers those it took. While it is held, calls wait; a
/// stop request ends the wait. Any number of threads.
class RecordingSink : public BatchSink {
 public:
  using Batch = std::vector<Message>;
  using Answer = std::function<Result<void>(const Batch&)>;

  explicit RecordingSink(Answer how = [](const Batch&) { return Result<void>(); })
      : how_(std::move(how)) {}

  Result<void> send(const Batch& batch, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    ++calls_;
    changed_.notify_all();
    if (!changed_.wait(lock, stop, [this] { return !held_; })) {
      return fail(ErrorKind::cancelled, "stopped");
    }
    const Result<void> answer = how_(batch);
    if (answer) batches_.push_back(batch);
    return answer;
  }

  std::size_t batch_messages_max() const override { return messages_max; }
  std::size_t batch_bytes_max() const override { return bytes_max; }
  bool one_key_per_request() const override { return one_key; }
  std::size_t lanes_max() const override { return lanes; }

  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  void wait_for_calls(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_ >= count; });
  }
  int calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::vector<Batch> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  /// The data of everything taken, by ordering key, in order of arrival.
  std::map<std::string, std::vector<std::string>> data_by_key() const {
    std::map<std::string, std::vector<std::string>> by_key;
    for (const Batch& batch : batches()) {
      for (const Message& one : batch) by_key[one.ordering_key].push_back(one.data);
    }
    return by_key;
  }

  std::size_t messages_max = 1000;
  std::size_t bytes_max = 9'000'000;
  bool one_key = true;
  std::size_t lanes = 1000;

 private:
  Answer how_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool held_ = false;
  int calls_ = 0;
  std::vector<Batch> batches_;
};

}  // namespace walpulse::publisher
