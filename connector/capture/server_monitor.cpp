#include "connector/capture/server_monitor.h"

#include <poll.h>
#include <pthread.h>

#include <algorithm>

#include "decoder/base/logging.h"
#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

/// With the half second between two looks of a session, replication is dropped within 5 s.
constexpr auto kServerGrace = 3s;
constexpr auto kReopenPause = 1s;
/// A log full of ALTER TABLE is a log full of Relation messages.
constexpr auto kLookPause = 100ms;

SlotSnapshot snapshot_of(const SlotState& state) {
  SlotSnapshot snapshot;
  snapshot.retained_bytes =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, state.retained_bytes.value_or(0)));
  snapshot.safe_bytes = state.safe_wal_bytes.value_or(-1);
  if (state.restart_lsn) {
    snapshot.server_end = Lsn{state.restart_lsn->value + snapshot.retained_bytes};
  }
  return snapshot;
}

}  // namespace

bool server_leaves(const WatchFindings& findings, Clock::time_point now) {
  return findings.closed_at && now - *findings.closed_at >= kServerGrace;
}

ServerMonitor::ServerMonitor(const WatchOptions& options, SharedStatus& board)
    : options_(options),
      board_(board),
      anchor_(options.replay_window
                  ? std::optional(AnchorKeeper(options.source, *options.replay_window))
                  : std::nullopt),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ServerMonitor::~ServerMonitor() {
  thread_.request_stop();
  wake_.raise();
}

void ServerMonitor::attend(std::unique_ptr<Catalog> catalog, const Watched& watched,
                           const ServerAddress& server) {
  const std::lock_guard lock(mutex_);
  handed_ = std::move(catalog);
  identity_ = watched.identity;
  watched_ = watched;
  watched_at_ = Clock::now();
  server_ = server;
  findings_ = {};
  wake_.raise();
}

void ServerMonitor::rest() {
  const std::lock_guard lock(mutex_);
  identity_.reset();
  findings_ = {};
}

void ServerMonitor::look() {
  const std::lock_guard lock(mutex_);
  look_ = true;
  wake_.raise();
}

WatchFindings ServerMonitor::findings() const {
  const std::lock_guard lock(mutex_);
  return findings_;
}

std::optional<Watched> ServerMonitor::watched() const {
  const std::lock_guard lock(mutex_);
  return watched_;
}

void ServerMonitor::run(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), "server-watch");
  while (!stop.stop_requested()) {
    take_orders();
    if (Clock::now() >= next_slot_) ask_slot();
    if (attending_ && Clock::now() >= next_publication_) check_publication();
    wait(stop);
  }
}

void ServerMonitor::take_orders() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (handed_) {
    catalog_ = std::move(handed_);
    refused_ = false;
    next_slot_ = now;
    next_publication_ = now + options_.publication_interval;  // discovery made the first check
  }
  attending_ = identity_.has_value();
  if (std::exchange(look_, false)) {
    next_publication_ = std::min(next_publication_, now + kLookPause);
  }
}

bool ServerMonitor::connect() {
  if (catalog_) return true;
  auto opened = Catalog::open(dsn(), kQuestionTimeout);
  if (!opened) {
    refused(to_string(opened.error()));
    return false;
  }
  catalog_ = std::move(*opened);
  if (std::exchange(refused_, false)) {
    SPDLOG_INFO("the server lets the ordinary connection in again");
  }
  const std::lock_guard lock(mutex_);
  findings_.closed_at.reset();
  next_publication_ = Clock::now();
  return true;
}

/// Of several servers that the dsn names, the one that the stream is on.
std::string ServerMonitor::dsn() const {
  const std::lock_guard lock(mutex_);
  return identity_ ? with_server(options_.source.dsn, server_) : options_.source.dsn;
}

/// Only this one, or all of them?
void ServerMonitor::refused(const std::string& reason) {
  const bool leaves = attending_ && database::lets_nobody_in(dsn());
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  next_slot_ =
      now + (identity_ && leaves ? kReopenPause
                                 : std::max<Clock::duration>(kReopenPause, options_.slot_interval));
  // A connection that a new session hands over is not the one that was refused.
  if (!identity_ || handed_) return;
  if (!leaves) {
    findings_.closed_at.reset();
    if (std::exchange(refused_, true)) return;
    return SPDLOG_WARN(
        "the server refuses the ordinary connection: the stream goes on, slot and publication are "
        "not watched reason={}",
        reason);
  }
  if (!findings_.closed_at) findings_.closed_at = now;
  findings_.closed_reason = reason;
}

/// A question has no answer: because of the question, or of the connection, which is opened anew.
void ServerMonitor::failed(const char* what, const Error& error) {
  if (catalog_->connected()) {
    return SPDLOG_WARN("{}, trying again reason={}", what, to_string(error));
  }
  catalog_.reset();
  next_slot_ = Clock::now();
  SPDLOG_INFO("the server closed the ordinary connection reason={}", to_string(error));
}

void ServerMonitor::ask_slot() {
  next_slot_ = Clock::now() + options_.slot_interval;
  if (!connect()) return;
  const auto state = catalog_->slot(options_.source.slot);
  if (!state) return failed("the slot's state is unknown", state.error());
  const auto snapshot = *state ? snapshot_of(**state) : SlotSnapshot{};
  board_.update([&](ConnectorStatus& status) { status.slot = snapshot; });
  if (attending_ && anchor_ && *state) keep_anchor(**state);
}

void ServerMonitor::keep_anchor(const SlotState& live) {
  const auto kept = anchor_->keep(*catalog_, live);
  if (!kept) return failed("the anchor's state is unknown", kept.error());
  board_.update([&](ConnectorStatus& status) { status.anchor = *kept; });
  if (anchor_->again_at()) next_slot_ = std::min(next_slot_, *anchor_->again_at());
}

void ServerMonitor::check_publication() {
  next_publication_ = Clock::now() + options_.publication_interval;
  std::optional<CaptureIdentity> identity;
  {
    const std::lock_guard lock(mutex_);
    identity = identity_;
  }
  if (!identity || !connect()) return;
  const auto check = catalog_->check_publication(options_.source.publication, *identity);
  if (!check) return failed("the publication could not be checked", check.error());
  const std::lock_guard lock(mutex_);
  if (identity_ != identity) return;  // another session's by now
  findings_.renewed = renewed(*identity, *check);
  // The first one stands: a table that is put back was away.
  if (findings_.renewed || findings_.drift) return;
  // A look that failed, or came late, leaves time in which nobody watched.
  const auto now = Clock::now();
  const bool steady = now - watched_at_ <= options_.publication_interval + kQuestionTimeout;
  const CaptureIdentity& last = watched_->seen;
  findings_.drift = steady ? drift_while_watched(last, *check) : publication_drift(last, *check);
  if (findings_.drift) return;
  auto seen = as_seen(last, *check);
  if (seen != last) {
    SPDLOG_WARN(
        "the publication has another owner, and nothing else of it changed: a later start cannot "
        "know that and takes it for a gap, unless the comment knows; `walpulse-connector doctor` "
        "prints the statement");
  }
  watched_->seen = std::move(seen);
  watched_at_ = now;
}

void ServerMonitor::wait(const std::stop_token& stop) {
  const auto now = Clock::now();
  auto until = next_slot_;
  if (attending_) until = std::min(until, next_publication_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(until - now, {}));
  pollfd polled[2] = {{wake_.descriptor(), POLLIN, 0},
                      {catalog_ ? catalog_->descriptor() : -1, POLLIN, 0}};
  if (stop.stop_requested()) return;
  ::poll(polled, 2, static_cast<int>(left.count()));
  wake_.clear();
  // Only a farewell, or a setting that changed: asking tells them apart.
  if (polled[1].revents != 0) next_slot_ = Clock::now();
}

}  // namespace walpulse::connector
