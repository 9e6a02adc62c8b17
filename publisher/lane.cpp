#include "publisher/lane.h"

#include <pthread.h>

#include <chrono>
#include <string>
#include <utility>

namespace walpulse::publisher {
namespace {

BatchLimits limits_of(const BatchSink& sink) {
  return {sink.batch_messages_max(), sink.batch_bytes_max(), sink.one_key_per_request()};
}

bool is_final(const Error& error) {
  return error.kind == ErrorKind::rejected || error.kind == ErrorKind::malformed;
}

}  // namespace

Lane::Lane(std::size_t index, BatchSink& sink, Progress& progress, const Acknowledged& acknowledged,
           const gcp::BackoffOptions& backoff)
    : index_(index),
      sink_(sink),
      progress_(progress),
      acknowledged_(acknowledged),
      backoff_(backoff),
      queue_(limits_of(sink)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
  const std::string name = "lane-" + std::to_string(index);
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Lane::push(Message message) {
  const std::size_t bytes = sink_.wire_bytes(message);
  bool idle = false;
  {
    const std::lock_guard lock(mutex_);
    idle = queue_.empty();
    queue_.push(std::move(message), bytes);
  }
  if (idle) wake_.notify_one();
}

void Lane::run(const std::stop_token& stop) {
  for (;;) {
    const std::vector<Message> batch = wait_for_batch(stop);
    if (batch.empty() || !deliver(batch, stop)) return;
  }
}

std::vector<Message> Lane::wait_for_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return {};
  if (stop.stop_requested()) return {};
  return queue_.next_batch();
}

bool Lane::deliver(const std::vector<Message>& batch, const std::stop_token& stop) {
  const auto began = std::chrono::steady_clock::now();
  if (!send_until_taken(batch, stop)) return false;
  const auto latency = std::chrono::steady_clock::now() - began;
  std::size_t bytes = 0;
  for (const Message& message : batch) bytes += message_bytes(message);
  progress_.release(bytes);
  for (const Message& message : batch) acknowledged_(message.ticket);
  progress_.delivered(index_, batch.size(), latency);
  return true;
}

bool Lane::send_until_taken(const std::vector<Message>& batch, const std::stop_token& stop) {
  for (;;) {
    if (progress_.failed()) return false;
    const Result<void> sent = sink_.send(batch, stop);
    // Another lane's final error: the contract promises no acknowledgement after it.
    if (progress_.failed()) return false;
    if (sent) break;
    if (stop.stop_requested()) return false;
    if (is_final(sent.error())) {
      progress_.fail(sent.error());
      return false;
    }
    progress_.troubled(index_, sent.error());
    if (!pause(backoff_.next(), stop)) return false;
    progress_.retried();
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
