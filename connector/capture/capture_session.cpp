#include "connector/capture/capture_session.h"

#include <algorithm>

#include "connector/session/event_message.h"
#include "connector/session/withheld_warning.h"
#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "decoder/base/overloaded.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr auto kReportInterval = 100ms;
/// A change that is sent this long after its commit is part of a backlog (both by the server's
/// clock).
constexpr auto kLate = 1s;
/// Asked every 10 s, a walsender that gets on shows it within this time.
constexpr auto kSilence = 15s;
constexpr auto kLongestWait = 1s;

/// Sent before a table's first row and again after any change of it, of its publication too.
bool is_relation(decoder::Bytes message) {
  return !message.empty() && message.front() == std::byte{'R'};
}

}  // namespace

CaptureSession::CaptureSession(const CaptureOptions& options, WalSource& source,
                               decoder::EventDecoder& decoder, Delivery& delivery,
                               SharedStatus& board, HeartbeatSender* heartbeats, Lsn from, Now now)
    : options_(options),
      source_(source),
      decoder_(decoder),
      delivery_(delivery),
      board_(board),
      heartbeats_(heartbeats),
      now_(std::move(now)),
      instant_(now_()),
      feedback_(options.feedback, instant_),
      watchdog_(options.watchdog, delivery.publisher()),
      status_(board.read().stream) {
  feedback_.received(from);
  status_.state = StreamStatus::State::streaming;
  status_.state_since = status_.progress_at = instant_;
  status_.received = std::max(status_.received, from);
  advanced_at_ = instant_;
  status_.problem.clear();
  status_.held_from = options_.held_from;
  ++status_.session;
  introduction_ = delivery_.tracker().new_stay();
  if (heartbeats_ != nullptr) heartbeats_->send_now();
  report(true);
}

CaptureSession::~CaptureSession() {
  decoder_.reset();
  delivery_.tracker().abandon();
  status_.held = status_.silent = false;
  report(true);
}

Result<void> CaptureSession::run(std::stop_token stop) {
  while (!stop.stop_requested() && !nobody_reads_) {
    if (auto done = step(); !done) return done;
  }
  return {};
}

Result<void> CaptureSession::step() {
  instant_ = now_();
  report(false);
  if (auto done = send_status_update(); !done) return done;
  if (auto done = poll_environment(); !done) return done;
  const auto taken = offer_pending();
  if (!taken) return forward(taken);
  if (!*taken) {
    source_.wait_without_reading(wake_at());  // an acknowledgement calls for attention
    return {};
  }
  if (auto done = heartbeat(); !done) return done;
  if (heartbeats_ != nullptr && !delivery_.tracker().introduced()) {
    status_.held = true;
    source_.wait_without_reading(wake_at());
    return {};
  }
  status_.held = false;
  if (gap_drain_.complete()) return finish_gap_drain();
  const auto frame = source_.next(wake_at());
  if (!frame) return forward(frame);
  if (!*frame) return {};
  status_.progress_at = instant_;
  news_ = true;
  return handle(**frame);
}

Result<void> CaptureSession::handle(const Frame& frame) {
  if (const auto* data = std::get_if<WalData>(&frame)) return take(*data);
  take(std::get<Keepalive>(frame));
  return {};
}

Result<void> CaptureSession::take(const WalData& data) {
  auto step = decoder_.feed(data.start, data.message);
  if (!step) return forward(step);
  advanced_at_ = instant_;
  if (options_.relation_came && is_relation(data.message)) options_.relation_came();
  AckTracker& tracker = delivery_.tracker();
  return std::visit(
      Overloaded{[](std::monostate) -> Result<void> { return {}; },
                 [&](const decoder::EventDecoder::Begun& begun) -> Result<void> {
                   keepalive_.reset();  // its position no longer covers all that is in flight
                   gap_drain_.transaction_began(begun.commit_lsn);
                   tracker.begin(begun.commit_lsn);
                   return {};
                 },
                 [&](schema::ChangeEvent* event) { return emit(event, data.sent_at); },
                 [&](const decoder::EventDecoder::Committed& commit) -> Result<void> {
                   feedback_.received(commit.end_lsn);
                   gap_drain_.committed(commit.end_lsn);
                   status_.received = std::max(status_.received, commit.end_lsn);
                   // A replication origin may date a commit into the future.
                   tracker.commit({commit.end_lsn, std::min(commit.commit_time, data.sent_at)});
                   return {};
                 },
                 [&](const decoder::EventDecoder::Replaced& replaced) -> Result<void> {
                   drift_began(replaced_at(gap_drain_.commit(), replaced.by, *replaced.name));
                   return {};
                 },
                 [&](const decoder::EventDecoder::Foreign& foreign) { return take(foreign); }},
      *step);
}

/// `setup` adds tables while capture goes on: their first transaction is read again by a session
/// that knows them, and no change of theirs is confirmed unread. In a gap nothing is read again.
Result<void> CaptureSession::take(const decoder::EventDecoder::Foreign& foreign) {
  const auto& passed = options_.passed_over;
  const bool known = std::find(passed.begin(), passed.end(), foreign.table) != passed.end();
  if (known || gap_drain_.begun()) return {};
  newcomer_ = foreign.table;
  return end(
      {EndCause::newcomer,
       {ErrorKind::unavailable, "a table that was not captured when the session began (oid " +
                                    std::to_string(foreign.table.value) +
                                    ") is in the publication: the session begins anew"}});
}

void CaptureSession::take(const Keepalive& keepalive) {
  // The walsender may lag itself: then its position was not all there was. Before the catalog's
  // first answer there is nothing to tell by.
  const Lsn end = board_.slot().server_end;
  const bool current = end != Lsn{} && end <= keepalive.server_end;
  if (keepalive.server_end > status_.server_end || current) advanced_at_ = instant_;
  feedback_.received(keepalive.server_end);
  gap_drain_.sent_up_to(keepalive.server_end);
  status_.received = std::max(status_.received, keepalive.server_end);
  status_.server_end = keepalive.server_end;
  keepalive_ = ReachedPosition{keepalive.server_end, current ? keepalive.sent_at : Timestamp{}};
  if (keepalive.reply_requested) feedback_.reply_requested();
}

/// All that one message became waits in one place: its text is gone with the next one.
Result<void> CaptureSession::emit(schema::ChangeEvent* event, Timestamp sent_at) {
  for (; event != nullptr; event = decoder_.next()) {
    if (auto written = enqueue(*event, sent_at); !written) return written;
  }
  count_label_faults();
  count_withheld();
  return {};
}

Result<void> CaptureSession::enqueue(schema::ChangeEvent& event, Timestamp sent_at) {
  const auto dropped = write_event_message(
      event, {.ordering_keys = options_.ordering_keys, .bytes_max = options_.event_bytes_max},
      message_);
  if (!dropped) return forward(dropped);
  status_.dropped_column_count += *dropped;
  message_.can_linger = event.commit_time < sent_at - kLate;
  message_.ticket = delivery_.tracker().take();
  ++status_.event_count;
  status_.event_commit = std::max(status_.event_commit, event.position.commit_lsn);
  if (pending_.empty()) {
    const auto taken = offer(message_);
    if (!taken) return forward(taken);
    if (*taken) return {};
  }
  pending_.push_back(std::move(message_));
  return {};
}

Result<bool> CaptureSession::offer_pending() {
  while (!pending_.empty()) {
    auto taken = offer(pending_.front());
    if (!taken || !*taken) return taken;
    pending_.pop_front();
  }
  return true;
}

void CaptureSession::count_label_faults() {
  const std::uint64_t faults = decoder_.take_label_faults();
  if (faults == 0) return;
  status_.label_fault_count += faults;
  if (!label_lines_.pass()) return;
  SPDLOG_WARN("labels are left out, for their values cannot be read count={}",
              status_.label_fault_count);
}

void CaptureSession::count_withheld() {
  const auto withheld = decoder_.take_withheld();
  if (withheld.count == 0) return;
  status_.withheld_count += withheld.count;
  if (!withheld_lines_.pass()) return;
  SPDLOG_WARN("{}", withheld_warning(status_.withheld_count, withheld.columns));
}

Result<bool> CaptureSession::offer(publisher::Message& message) {
  auto taken = delivery_.publisher().publish(message);
  if (!taken) return end({EndCause::publisher, taken.error()});
  if (status_.held && *taken) status_.progress_at = instant_;
  status_.held = !*taken;
  return taken;
}

Result<void> CaptureSession::send_status_update() {
  if (gap_drain_.begun()) keepalive_.reset();  // it covers changes that never came
  if (keepalive_ && delivery_.tracker().idle()) {
    delivery_.tracker().adopt(*keepalive_);
    keepalive_.reset();
  }
  const ReachedPosition safe = delivery_.tracker().safe();
  const auto due = feedback_.due(instant_, safe.position);
  if (!due) return {};
  news_ = true;
  if (options_.feedback.confirm) {
    status_.confirmed = std::max(status_.confirmed, feedback_.confirmed());
    status_.confirmed_at = safe.current_at;
  }
  return source_.send(*due);
}

Result<void> CaptureSession::poll_environment() {
  auto environment = watchdog_.look(instant_);
  if (!environment) return end(std::move(environment.error()));
  if (!*environment) return {};
  status_.silent = instant_ - advanced_at_ > kSilence;
  nobody_reads_ = (*environment)->nobody_reads;
  auto& drift = (*environment)->drift;
  if (drift && !gap_drain_.begun()) drift_began(std::move(*drift));
  return {};
}

void CaptureSession::drift_began(PublicationDrift drift) {
  status_.problem = drift.what;
  SPDLOG_ERROR("a gap, delivering what the log still holds until={} reason={}",
               to_string(drift.wal_end), drift.what);
  gap_drain_.begin(std::move(drift));
  feedback_.send_now();
}

tl::unexpected<Error> CaptureSession::end(SessionEnd end) {
  cause_ = end.cause;
  return tl::unexpected<Error>(std::move(end.error));
}

/// Nothing more is read; what was read whole is waited for.
Result<void> CaptureSession::finish_gap_drain() {
  delivery_.tracker().abandon();
  if (!delivery_.tracker().idle()) {
    source_.wait_without_reading(wake_at());
    return {};
  }
  if (auto sent = send_final_status(); !sent) return sent;
  if (auto done = tell_the_end(); !done) return done;
  return end({EndCause::drift, {ErrorKind::rejected, gap_drain_.publication_drift().what}});
}

Result<void> CaptureSession::heartbeat() {
  if (heartbeats_ == nullptr || instant_ < heartbeats_->next_due()) return {};
  report(true);
  auto message = heartbeats_->make(board_.read(), wall_clock());
  message.ticket = introduction_;
  told_published_ = status_.published;
  const auto taken = offer(message);
  if (!taken) return forward(taken);
  status_.held = false;  // only a change event holds the stream back
  if (*taken) {
    heartbeats_->sent(instant_);
    introduction_ = AckTracker::kNoTicket;
  } else {
    heartbeats_->refused(instant_);
  }
  return {};
}

Result<void> CaptureSession::drain(Clock::time_point deadline) {
  instant_ = now_();
  status_.state = StreamStatus::State::stopping;
  status_.state_since = instant_;
  pending_.clear();
  delivery_.tracker().abandon();
  if (heartbeats_ != nullptr) heartbeats_->send_now();
  if (auto done = heartbeat(); !done) return done;
  while (!delivery_.tracker().idle() && instant_ < deadline) {
    if (auto done = poll_environment(); !done) return done;
    if (auto done = send_status_update(); !done) return done;
    source_.wait_without_reading(std::min(deadline, wake_at()));
    instant_ = now_();
    report(false);
  }
  if (auto sent = send_final_status(); !sent) return sent;
  if (auto done = tell_the_end(); !done) return done;
  if (!delivery_.tracker().idle()) {
    return fail(ErrorKind::timed_out, "not everything was acknowledged within the drain deadline");
  }
  return {};
}

/// The last heartbeat says how far the stay went.
Result<void> CaptureSession::tell_the_end() {
  if (heartbeats_ == nullptr || delivery_.tracker().published() == told_published_) return {};
  heartbeats_->send_now();
  return heartbeat();
}

Result<void> CaptureSession::send_final_status() {
  const ReachedPosition safe = delivery_.tracker().safe();
  auto sent = source_.send(feedback_.final_status(instant_, safe.position));
  if (options_.feedback.confirm) {
    status_.confirmed = std::max(status_.confirmed, feedback_.confirmed());
    status_.confirmed_at = safe.current_at;
  }
  report(true);
  return sent;
}

void CaptureSession::report(bool now_anyway) {
  if (!now_anyway && instant_ - reported_at_ < kReportInterval) return;
  reported_at_ = instant_;
  news_ = false;
  status_.published = delivery_.tracker().published();
  board_.update([&](ConnectorStatus& status) {
    status.stream = status_;
    status.publisher = delivery_.status();
  });
}

Clock::time_point CaptureSession::wake_at() const {
  auto at =
      std::min(instant_ + kLongestWait, feedback_.next_due(delivery_.tracker().safe().position));
  if (heartbeats_ != nullptr && pending_.empty()) at = std::min(at, heartbeats_->next_due());
  if (news_) at = std::min(at, reported_at_ + kReportInterval);
  return at;
}

}  // namespace walpulse::connector
