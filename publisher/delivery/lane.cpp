#include "publisher/delivery/lane.h"

#include <pthread.h>

#include <chrono>
#include <string>
#include <utility>

namespace walpulse::publisher {
namespace {

/// A request costs as much as dozens of messages do, and holds one key. Where a sink answers within
/// a fraction of a millisecond, a backlog would leave in requests of two or three messages: so of
/// messages that may wait, as soon as there are a few, requests begin a gap apart, until there are
/// enough for large ones anyway. A sink further away than that is not slowed down.
constexpr std::size_t kBacklogMessagesMin = 16;
constexpr std::size_t kBacklogMessagesMax = 512;

/// Memory that one thread allocates and another frees makes them wait for each other (malloc's
/// arenas have a lock). So a lane's messages go back to who fills them; some 300 kB of a lane.
constexpr std::size_t kSpentMax = 128;
constexpr std::size_t kSpentDataBytesMax = 4096;

BatchLimits limits_of(const BatchSink& sink) {
  return {sink.batch_messages_max(), sink.batch_bytes_max(), sink.one_key_per_request()};
}

bool is_final(const Error& error) {
  return error.kind == ErrorKind::rejected || error.kind == ErrorKind::malformed;
}

}  // namespace

Lane::Lane(std::size_t index, BatchSink& sink, PendingBudget& budget,
           const Acknowledged& acknowledged, const BackoffOptions& backoff,
           std::chrono::milliseconds request_gap)
    : index_(index),
      request_gap_(request_gap),
      sink_(sink),
      budget_(budget),
      acknowledged_(acknowledged),
      backoff_(backoff),
      queue_(limits_of(sink)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
  const std::string name = "lane-" + std::to_string(index);
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Lane::push(Message& message) {
  const std::size_t bytes = sink_.wire_bytes(message);
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    queue_.push(std::move(message), bytes);
    waiting = queue_.message_count();
    if (recycled_.empty()) {
      message = Message();
    } else {
      message = std::move(recycled_.back());
      recycled_.pop_back();
    }
  }
  if (waiting == 1 || waiting == kBacklogMessagesMax) wake_.notify_one();
}

void Lane::run(const std::stop_token& stop) {
  for (;;) {
    std::vector<Message> batch = wait_for_batch(stop);
    if (batch.empty() || !deliver(batch, stop)) return;
  }
}

std::vector<Message> Lane::wait_for_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return {};
  gather(lock, stop);
  if (stop.stop_requested()) return {};
  return queue_.next_batch();
}

void Lane::gather(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  const std::size_t waiting = queue_.message_count();
  const bool takes_several = sink_.batch_messages_max() > 1;
  if (!takes_several || waiting < kBacklogMessagesMin || waiting >= kBacklogMessagesMax) return;
  if (!queue_.can_linger() || budget_.full()) return;
  wake_.wait_until(lock, stop, began_at_ + request_gap_,
                   [this] { return queue_.message_count() >= kBacklogMessagesMax; });
}

bool Lane::deliver(std::vector<Message>& batch, const std::stop_token& stop) {
  began_at_ = std::chrono::steady_clock::now();
  if (!send_until_taken(batch, stop)) return false;
  const auto latency = std::chrono::steady_clock::now() - began_at_;
  std::size_t bytes = 0;
  for (const Message& message : batch) bytes += message_bytes(message);
  budget_.release(bytes);
  for (const Message& message : batch) acknowledged_(message.ticket);
  budget_.delivered(index_, batch.size(), latency);
  hand_back(batch);
  return true;
}

void Lane::hand_back(std::vector<Message>& delivered) {
  const std::lock_guard lock(mutex_);
  for (Message& message : delivered) {
    if (recycled_.size() >= kSpentMax) break;
    if (message.data.capacity() > kSpentDataBytesMax) continue;
    message.clear();
    recycled_.push_back(std::move(message));
  }
}

bool Lane::send_until_taken(const std::vector<Message>& batch, const std::stop_token& stop) {
  for (;;) {
    if (budget_.failed()) return false;
    const Result<void> sent = sink_.send(batch, stop);
    // Another lane's final error: the contract promises no acknowledgement after it.
    if (budget_.failed()) return false;
    if (sent) break;
    if (stop.stop_requested()) return false;
    if (is_final(sent.error())) {
      budget_.fail(sent.error());
      return false;
    }
    budget_.note_problem(index_, sent.error());
    if (!pause(backoff_.next(), stop)) return false;
    budget_.retried();
  }
  backoff_.reset();
  return true;
}

bool Lane::pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace walpulse::publisher
