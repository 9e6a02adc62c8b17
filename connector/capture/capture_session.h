#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "connector/capture/feedback_policy.h"
#include "connector/capture/heartbeat_sender.h"
#include "connector/capture/session_watchdog.h"
#include "connector/capture/shared_status.h"
#include "connector/session/delivery.h"
#include "connector/session/publication_drift.h"
#include "connector/stream/wal_source.h"
#include "decoder/pgoutput/event_decoder.h"
#include "publisher/telemetry/log_limit.h"

namespace walpulse::connector {

struct CaptureOptions {
  unsigned ordering_keys = 64;
  /// Pub/Sub takes 10 MB a request: what is left of that in base64, below the envelope.
  std::size_t event_bytes_max = 7'000'000;
  FeedbackOptions feedback;
  WatchdogOptions watchdog;
  Lsn held_from;  ///< The server's end of WAL, asked after the slot was held; 0/0: unknown.
  /// A Relation message came: something about a table may have changed.
  std::function<void()> relation_came;
  /// Tables that the publication carries and that are none of this capture's: their changes are
  /// passed over. One of any other ends the session before anything of it is confirmed.
  std::vector<Oid> passed_over;
};

/// One replication session from its first frame to its end: frames are decoded, written as JSON and
/// handed to the publisher; the server is told what is safe. It never waits for the sink: while the
/// publisher is full nothing is read, but the server is answered. After a drift it goes on up
/// to the end of the last stretch, and ends once that is confirmed. Nothing is read before the sink
/// has its first heartbeat, which says of which history the events are. One thread.
class CaptureSession {
 public:
  using Now = std::function<Clock::time_point()>;

  /// `from` is where the stream was asked to start. `heartbeats` may be null: none are sent.
  CaptureSession(const CaptureOptions& options, WalSource& source, decoder::EventDecoder& decoder,
                 Delivery& delivery, SharedStatus& board, HeartbeatSender* heartbeats, Lsn from,
                 Now now = &Clock::now);
  /// The transaction still open is abandoned: it comes again whole.
  ~CaptureSession();

  /// Runs until stopped or nobody reads; an Error says why it ended by itself, cause() by whom.
  Result<void> run(std::stop_token stop);
  /// One turn: what is due is sent, then at most one frame is taken.
  Result<void> step();
  /// Reads nothing more; waits until what was taken whole is acknowledged, answering the server,
  /// and tells it the final position. timed_out where the deadline came first.
  Result<void> drain(Clock::time_point deadline);

  EndCause cause() const { return cause_; }
  Lsn confirmed() const { return feedback_.confirmed(); }
  /// Whose change ended the session, where the cause is EndCause::newcomer.
  Oid newcomer() const { return newcomer_; }

 private:
  Result<void> handle(const Frame& frame);
  Result<void> take(const WalData& data);
  void take(const Keepalive& keepalive);
  Result<void> take(const decoder::EventDecoder::Foreign& foreign);
  Result<void> emit(schema::ChangeEvent* event, Timestamp sent_at);
  Result<void> enqueue(schema::ChangeEvent& event, Timestamp sent_at);
  /// True: all that waited was taken.
  Result<bool> offer_pending();
  void count_label_faults();
  void count_withheld();
  void drift_began(PublicationDrift drift);
  Result<bool> offer(publisher::Message& message);
  Result<void> send_status_update();
  Result<void> poll_environment();
  Result<void> heartbeat();
  Result<void> finish_gap_drain();
  tl::unexpected<Error> end(SessionEnd end);
  Result<void> send_final_status();
  Result<void> tell_the_end();
  void report(bool now_anyway);
  Clock::time_point wake_at() const;

  const CaptureOptions options_;
  WalSource& source_;
  decoder::EventDecoder& decoder_;
  Delivery& delivery_;
  SharedStatus& board_;
  HeartbeatSender* const heartbeats_;
  const Now now_;
  Clock::time_point instant_;  ///< Of this turn.
  FeedbackPolicy feedback_;
  SessionWatchdog watchdog_;
  publisher::Message message_;                ///< Empty between events, for its memory.
  std::deque<publisher::Message> pending_;    ///< Refused: nothing is read until they are taken.
  std::optional<ReachedPosition> keepalive_;  ///< Not adopted yet: something was in flight.
  GapDrain gap_drain_;
  telemetry::LogLimit label_lines_{std::chrono::seconds(60)};
  telemetry::LogLimit withheld_lines_{std::chrono::hours(1)};
  StreamStatus status_;
  Clock::time_point reported_at_{};
  Clock::time_point
      advanced_at_;     ///< A row came, or a reply that shows that the walsender gets on.
  bool news_ = false;   ///< Something the board does not say yet.
  Lsn told_published_;  ///< By the newest heartbeat.
  AckTracker::Ticket introduction_;  ///< Of the first heartbeat, until it was taken.
  bool nobody_reads_ = false;
  Oid newcomer_;
  EndCause cause_ = EndCause::stream;
};

}  // namespace walpulse::connector
