#include "connector/capture/feedback_policy.h"

#include <algorithm>

namespace walpulse::connector {

std::chrono::milliseconds status_interval(std::chrono::milliseconds wal_sender_timeout) {
  constexpr std::chrono::milliseconds kLongest{10'000};
  if (wal_sender_timeout.count() <= 0) return kLongest;
  return std::clamp(wal_sender_timeout / 4, std::chrono::milliseconds{10}, kLongest);
}

// The first status is due at once: it asks for a reply and so shows that the stream is alive.
FeedbackPolicy::FeedbackPolicy(const FeedbackOptions& options, Clock::time_point now)
    : options_(options),
      sent_at_(now - options.interval),
      probed_at_(now - options.probe_interval) {}

void FeedbackPolicy::received(Lsn position) { received_ = std::max(received_, position); }

Lsn FeedbackPolicy::confirmable(Lsn safe) const {
  if (!options_.confirm) return Lsn{};
  return std::max(confirmed_, std::min(safe, received_));
}

std::optional<Feedback> FeedbackPolicy::due(Clock::time_point now, Lsn safe) {
  const bool probe = now - probed_at_ >= options_.probe_interval;
  const bool silent = now - sent_at_ >= options_.interval;
  const bool advanced = confirmable(safe) > confirmed_ && now - sent_at_ >= options_.advance_gap;
  if (!asked_ && !probe && !silent && !advanced) return std::nullopt;
  return make(now, safe, probe);
}

Feedback FeedbackPolicy::final_status(Clock::time_point now, Lsn safe) {
  return make(now, safe, false);
}

Clock::time_point FeedbackPolicy::next_due(Lsn safe) const {
  auto at = std::min(sent_at_ + options_.interval, probed_at_ + options_.probe_interval);
  if (confirmable(safe) > confirmed_) at = std::min(at, sent_at_ + options_.advance_gap);
  return at;
}

Feedback FeedbackPolicy::make(Clock::time_point now, Lsn safe, bool probe) {
  confirmed_ = confirmable(safe);
  asked_ = false;
  sent_at_ = now;
  if (probe) probed_at_ = now;
  return {.received = received_, .flushed = confirmed_, .reply_requested = probe};
}

}  // namespace walpulse::connector
