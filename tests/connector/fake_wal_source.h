#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "connector/stream/wal_source.h"

namespace walpulse::connector::testing {

struct ManualClock {
  Clock::time_point now{std::chrono::hours{1}};
  void advance(Clock::duration time) { now += time; }
};

/// Plays a script of frames; when it is over, waiting costs the clock the time until the deadline.
class FakeWalSource final : public WalSource {
 public:
  explicit FakeWalSource(ManualClock& clock) : clock_(clock) {}

  void data(std::string message) { script_.emplace_back(std::move(message)); }
  void keepalive(Lsn server_end, bool reply_requested = false) {
    script_.emplace_back(Keepalive{server_end, Timestamp{sent_at}, reply_requested});
  }
  void breaks(Error error) { script_.emplace_back(std::move(error)); }
  std::size_t unread() const { return script_.size(); }

  Result<std::optional<Frame>> next(Clock::time_point deadline) override {
    if (script_.empty()) {
      clock_.now = std::max(clock_.now, deadline);
      return std::optional<Frame>();
    }
    current_ = std::move(script_.front());
    script_.pop_front();
    if (const auto* error = std::get_if<Error>(&current_)) return tl::unexpected<Error>(*error);
    if (const auto* keepalive = std::get_if<Keepalive>(&current_)) {
      return std::optional<Frame>(*keepalive);
    }
    const auto& message = std::get<std::string>(current_);
    return std::optional<Frame>(WalData{Lsn{1}, Timestamp{sent_at},
                                        std::as_bytes(std::span(message.data(), message.size()))});
  }
  void wait_without_reading(Clock::time_point deadline) override {
    ++hold_count;
    clock_.now = std::max(clock_.now, deadline);
    if (on_hold) on_hold();
  }
  Result<void> send(const Feedback& feedback) override {
    sent.push_back(feedback);
    sent_instants.push_back(clock_.now);
    return {};
  }

  std::vector<Feedback> sent;
  std::vector<Clock::time_point> sent_instants;
  int hold_count = 0;
  std::function<void()> on_hold;
  std::chrono::microseconds sent_at{std::chrono::hours{24 * 365 * 55}};

 private:
  ManualClock& clock_;
  std::deque<std::variant<std::string, Keepalive, Error>> script_;
  std::variant<std::string, Keepalive, Error> current_;
};

}  // namespace walpulse::connector::testing
