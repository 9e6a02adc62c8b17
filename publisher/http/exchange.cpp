#include "publisher/http/exchange.h"

#include <utility>

namespace walpulse::http {
namespace {

using Clock = std::chrono::steady_clock;

/// How long stop() lets late answers, its own 503s, reach their clients.
constexpr std::chrono::milliseconds kFlush{250};

ServerResponse unavailable(std::string text) {
  return {503, "text/plain; charset=utf-8", std::move(text)};
}

}  // namespace

Exchanges::Exchanges(ConnectionControl control, std::chrono::milliseconds handler_timeout,
                     std::size_t bodies_bytes_max)
    : control_(control), handler_timeout_(handler_timeout), bodies_bytes_max_(bodies_bytes_max) {}

bool Exchanges::begin(Exchange&) {
  const std::lock_guard lock(mutex_);
  ++active_;
  return !stopping_;
}

bool Exchanges::take_bytes(Exchange& exchange, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bodies_bytes_ + bytes > bodies_bytes_max_) return false;
  bodies_bytes_ += bytes;
  exchange.body_bytes += bytes;
  return true;
}

void Exchanges::release_bytes(Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  bodies_bytes_ -= std::exchange(exchange.body_bytes, 0);
}

void Exchanges::answer(Exchange& exchange, ServerResponse response) {
  const std::lock_guard lock(mutex_);
  answer_locked(exchange, std::move(response));
}

void Exchanges::answer_locked(Exchange& exchange, ServerResponse response) {
  if (exchange.answered || exchange.connection == nullptr) return;
  exchange.response = std::move(response);
  exchange.answered = true;
  if (!std::exchange(exchange.suspended, false)) return;
  control_.resume(exchange.connection);
  suspended_.erase(exchange.position);
}

std::optional<ServerResponse> Exchanges::answer_or_suspend(
    const std::shared_ptr<Exchange>& exchange) {
  const std::lock_guard lock(mutex_);
  if (closing_) answer_locked(*exchange, unavailable("stopping\n"));
  if (exchange->answered) return std::move(exchange->response);
  if (exchange->suspended) return std::nullopt;
  exchange->deadline = Clock::now() + handler_timeout_;
  exchange->position = suspended_.insert(suspended_.end(), exchange);
  exchange->suspended = true;
  control_.suspend(exchange->connection);
  if (suspended_.size() == 1) changed_.notify_all();
  return std::nullopt;
}

void Exchanges::complete(Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  bodies_bytes_ -= std::exchange(exchange.body_bytes, 0);
  exchange.connection = nullptr;
  --active_;
  if (stopping_) changed_.notify_all();
  if (std::exchange(exchange.suspended, false)) suspended_.erase(exchange.position);
}

bool Exchanges::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Exchanges::stop(std::chrono::milliseconds deadline) {
  const auto idle = [this] { return active_ == 0; };
  std::unique_lock lock(mutex_);
  stopping_ = true;
  if (changed_.wait_for(lock, deadline, idle)) return;
  closing_ = true;
  const bool late = !suspended_.empty();
  while (!suspended_.empty()) {
    const auto exchange = suspended_.front();
    answer_locked(*exchange, unavailable("stopping\n"));
  }
  if (late) changed_.wait_for(lock, kFlush, idle);
}

void Exchanges::expire(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (suspended_.empty()) {
      changed_.wait(lock, stop, [this] { return !suspended_.empty(); });
      continue;
    }
    // Whatever is answered meanwhile, nothing expires before the front's deadline.
    const auto deadline = suspended_.front()->deadline;
    changed_.wait_until(lock, stop, deadline, [] { return false; });
    while (!suspended_.empty() && suspended_.front()->deadline <= Clock::now()) {
      const auto exchange = suspended_.front();
      answer_locked(*exchange, unavailable("timed out: try again later\n"));
    }
  }
}

}  // namespace walpulse::http
