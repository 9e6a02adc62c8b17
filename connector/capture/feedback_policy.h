#pragma once

#include <chrono>
#include <optional>

#include "connector/stream/wal_source.h"

namespace walpulse::connector {

struct FeedbackOptions {
  /// Longest silence; status_interval() keeps it well inside wal_sender_timeout.
  std::chrono::milliseconds interval{10'000};
  /// An advanced position is told at most this often.
  std::chrono::milliseconds advance_gap{100};
  /// How often the walsender is asked for a reply, to see that it is alive.
  std::chrono::milliseconds probe_interval{10'000};
  /// False: report 0/0 as flushed, which moves nothing, and the received position as written, which
  /// lets a server that shuts down go.
  bool confirm = true;
};

/// At most 10 s and a quarter of the timeout, so that three reports may get lost. 0 = no timeout.
std::chrono::milliseconds status_interval(std::chrono::milliseconds wal_sender_timeout);

/// When to tell the server what, within one session. Pure: given the instant, it answers. What is
/// confirmed never goes back, and never beyond what was received: the server accepts a position
/// from the future and then silently skips everything up to it.
class FeedbackPolicy {
 public:
  FeedbackPolicy(const FeedbackOptions& options, Clock::time_point now);

  /// A Commit's end or a keepalive's position.
  void received(Lsn position);
  void reply_requested() { asked_ = true; }
  /// The next status is due now and asks the walsender for a reply.
  void send_now() { probed_at_ = sent_at_ - options_.probe_interval; }

  /// The status to send now, if one is due; it counts as sent.
  std::optional<Feedback> due(Clock::time_point now, Lsn safe);
  /// One now, whatever the time.
  Feedback final_status(Clock::time_point now, Lsn safe);
  /// Until when nothing is due, unless something happens.
  Clock::time_point next_due(Lsn safe) const;
  Lsn confirmed() const { return confirmed_; }

 private:
  Lsn confirmable(Lsn safe) const;
  Feedback make(Clock::time_point now, Lsn safe, bool probe);

  const FeedbackOptions options_;
  Lsn received_;
  Lsn confirmed_;
  bool asked_ = false;
  Clock::time_point sent_at_;
  Clock::time_point probed_at_;
};

}  // namespace walpulse::connector
