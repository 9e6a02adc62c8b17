#include "connector/capture/capture_run.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "connector/capture/connector_http.h"
#include "connector/capture/parking.h"
#include "connector/capture/run_command.h"
#include "connector/capture/slot_diagnosis.h"
#include "connector/capture/stream_opener.h"
#include "connector/session/capture_plan.h"
#include "connector/session/sink_start.h"
#include "decoder/base/clock.h"
#include "decoder/base/host_name.h"
#include "decoder/base/logging.h"
#include "publisher/config/exit_codes.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using StreamState = StreamStatus::State;

constexpr auto kConfirmWait = 2s;
constexpr BackoffOptions kProbeBackoff{.initial = 500ms, .multiplier = 2, .max = 15s};
constexpr auto kStableSession = 5s;  ///< Lived this long, a session's end is news, not a series.

std::string unique_id() {
  return host_name() + "-" + std::to_string(::getpid()) + "-" +
         fmt::format("{:08x}", std::random_device{}());
}

Clock::duration standby_pause() {
  std::random_device random;
  return std::chrono::milliseconds(500 + random() % 1'000);
}

}  // namespace

CaptureRun::CaptureRun(const RunOptions& options, std::stop_token stop, Wakeup& wakeup)
    : options_(options),
      stop_(std::move(stop)),
      wakeup_(wakeup),
      heartbeats_(options.heartbeat),
      finder_(options_.source, !looking()),
      backoff_({.initial = 100ms, .multiplier = 2, .max = 10s}) {
  board_.update([&](ConnectorStatus& status) {
    status.instance.id = unique_id();
    status.instance.table = to_string(options_.source.tables.front());
    status.instance.started_at = wall_clock();
    status.stream.state_since = Clock::now();
  });
}

Result<void> CaptureRun::serve() {
  if (looking() && !options_.http_port) return {};
  http::ServerOptions server;
  server.address = options_.http_address;
  server.port = options_.http_port.value_or(kHttpPort);
  auto http = serve_probes(server, board_);
  if (http) {
    http_ = std::move(*http);
    SPDLOG_INFO("serving probes address={} port={}", server.address, http_->port());
    return {};
  }
  if (!looking()) return forward(http);
  SPDLOG_WARN("serving no probes reason={}", to_string(http.error()));
  return {};
}

Result<void> CaptureRun::prepare() {
  auto sink = start_sink(options_.publish);
  if (!sink) return forward(sink);
  sink_ = std::move(*sink);
  publisher::LaneOptions lanes;
  lanes.lane_count = looking() ? 1 : options_.publish.lanes;
  lanes.pending_bytes_max = options_.publish.pending_bytes_max;
  delivery_ = std::make_unique<Delivery>(
      [this, lanes](publisher::Acknowledged acknowledged) {
        return publisher::make_lane_publisher(*sink_, lanes, std::move(acknowledged));
      },
      wakeup_);
  return {};
}

int CaptureRun::execute() {
  if (const auto serving = serve(); !serving) {
    SPDLOG_ERROR("cannot start reason={}", to_string(serving.error()));
    return serving.error().kind == ErrorKind::unavailable ? kExitUnavailable : kExitFailed;
  }
  if (const auto prepared = prepare(); !prepared) {
    SPDLOG_ERROR("cannot start reason={}", to_string(prepared.error()));
    return kExitFailed;
  }
  while (!stop_.stop_requested()) {
    auto ended = session();
    if (ended) return kExitStopped;
    if (ended.error().verdict == Verdict::park) {
      auto refused = park(ended.error());
      if (!refused) continue;
      ended = tl::unexpected<Failure>(std::move(*refused));
    }
    if (ended.error().verdict == Verdict::fatal || ended.error().verdict == Verdict::gap) {
      SPDLOG_ERROR("giving up reason={}", to_string(ended.error()));
      // What was taken may be in no slot any more.
      (void)delivery_->publisher().drain(Clock::now() + options_.drain_deadline);
      return ended.error().verdict == Verdict::gap ? kExitGap : kExitFailed;
    }
    if (looking() && !server_) {  // somebody sits in front of it
      SPDLOG_ERROR("cannot start reason={}", to_string(ended.error()));
      return kExitUnavailable;
    }
    await(ended.error());
  }
  const auto drained = delivery_->publisher().drain(Clock::now() + options_.drain_deadline);
  if (drained || drained.error().kind == ErrorKind::timed_out) return kExitStopped;
  SPDLOG_ERROR("giving up reason={}", to_string(undeliverable(sink_->name(), drained.error())));
  return kExitFailed;
}

CaptureRun::Ended CaptureRun::session() {
  auto found = finder_.find(server_monitor_ ? server_monitor_->watched() : std::nullopt);
  if (!found) return tl::unexpected<Failure>(found.error());
  // Only at first: a column that is dropped while it runs, or was, keeps no other from being
  // captured.
  if (!server_) {
    if (auto fits = finder_.check_columns(*found, options_.publish); !fits)
      return tl::unexpected<Failure>(std::move(fits).error());
  }
  join(*found);
  auto stream = open_stream({.source = options_.source,
                             .found = *found,
                             .from = delivery_->tracker().taken(),
                             .seen = board_.read().stream.received,
                             .left = left_,
                             .look = looking(),
                             .sink = sink_->name()},
                            wakeup_);
  if (!stream) return tl::unexpected<Failure>(stream.error());
  left_.reset();
  Lsn held_from;
  if (!looking()) {
    const auto asked = finder_.held_from();
    if (!asked) return tl::unexpected<Failure>(asked.error());
    held_from = *asked;
  }
  const auto since = Clock::now();
  auto ended = capture(**stream, *found, held_from);
  if (server_monitor_) server_monitor_->rest();
  if (Clock::now() - since > kStableSession) backoff_.reset();
  return ended;
}

/// What the comment names by now is captured from its first change on.
void CaptureRun::meet_newcomers(const CaptureIdentity& identity) {
  const auto captured = [&](Oid table) {
    return std::any_of(identity.tables.begin(), identity.tables.end(),
                       [&](const CapturedTable& one) { return one.oid == table; });
  };
  for (const Oid table : std::exchange(newcomers_, {})) {
    if (captured(table)) continue;
    SPDLOG_WARN(
        "the publication carries a table that was not set up: its changes cost WAL traffic and are "
        "passed over oid={}",
        table.value);
    passed_over_.push_back(table);
  }
  std::erase_if(passed_over_, captured);
}

/// Another timeline or epoch is another history: nothing of the old one may be confirmed in it.
/// Tables that were added make none: no change of theirs was passed over.
void CaptureRun::join(const Preflight& found) {
  const ServerMark mark{found.server.system_identifier, found.server.timeline};
  const bool goes_on =
      !identity_ || *identity_ == found.identity || grew(*identity_, found.identity);
  const bool joins = (!server_ || *server_ == mark) && goes_on;
  meet_newcomers(found.identity);
  if (!joins) {
    SPDLOG_WARN("a new timeline or epoch, starting at the slot timeline={} epoch={}", mark.timeline,
                found.identity.epoch);
    delivery_->discard();
    if (!goes_on) {
      left_.reset();  // a new epoch tells its positions apart
    } else if (const Lsn commit = board_.read().stream.event_commit; server_ && commit != Lsn{}) {
      left_ = LeftTimeline{server_->timeline, commit};
    }
    board_.update([](ConnectorStatus& status) {
      status.stream.received = status.stream.confirmed = status.stream.server_end = Lsn{};
      status.stream.event_commit = Lsn{};
      status.stream.confirmed_at = Timestamp{};
    });
  }
  server_ = mark;
  identity_ = found.identity;
  board_.update([&](ConnectorStatus& status) {
    status.instance.name = found.identity.name;
    status.instance.table = to_string(found.identity.tables.front().name);
    status.instance.epoch = found.identity.epoch;
    status.instance.system_identifier = found.identity.system_identifier;
    status.instance.database = source_of(found.identity, found.server).database;
    status.instance.publication = options_.source.publication;
    status.instance.follows = found.identity.follows;
    auto& stream = status.stream;
    stream.confirmed = std::max(stream.confirmed, found.slot.confirmed_flush_lsn.value_or(Lsn{}));
    stream.server_end = std::max(stream.server_end, found.server.current_lsn);
  });
}

CaptureRun::Ended CaptureRun::capture(ReplicationStream& stream, const Preflight& found,
                                      Lsn held_from) {
  standing_by_ = false;
  if (!server_monitor_) {
    WatchOptions watch{options_.source, options_.heartbeat, options_.publication_check, {}};
    if (!looking()) watch.replay_window = options_.replay_window;
    server_monitor_.emplace(watch, board_);
  }
  server_monitor_->attend(finder_.release(), {found.identity, found.seen}, stream.address());
  CaptureOptions wanted;
  wanted.ordering_keys = options_.publish.ordering_keys;
  wanted.held_from = held_from;
  wanted.passed_over = passed_over_;
  wanted.feedback.interval = status_interval(found.server.wal_sender_timeout);
  wanted.feedback.confirm = !looking();
  wanted.watchdog.poll_environment = [this, &found] { return poll_environment(found); };
  // Whether stdout takes lines again shows with the next event only: it is waited for.
  if (options_.publish.to != "stdout") wanted.watchdog.park_after = options_.park_after;
  wanted.relation_came = [this] { server_monitor_->look(); };
  decoder::EventDecoder decoder(decoder_options(options_.source, options_.publish, found));
  CaptureSession session(wanted, stream, decoder, *delivery_, board_,
                         looking() ? nullptr : &heartbeats_, delivery_->tracker().taken());
  const auto ended = session.run(stop_);
  if (options_.publish.to == "stdout" && stdout_closed()) return {};  // nobody to finish for
  if (ended) return finish(session);
  return tl::unexpected<Failure>(judge_end(session, ended.error()));
}

SessionEnvironment CaptureRun::poll_environment(const Preflight& found) const {
  auto findings = server_monitor_->findings();
  SessionEnvironment environment;
  environment.nobody_reads = options_.publish.to == "stdout" && stdout_closed();
  environment.drift = found.drift;
  if (!environment.drift) environment.drift = std::move(findings.drift);
  if (server_leaves(findings, Clock::now())) {
    environment.server_leaves =
        "the server lets no ordinary connection in: " + findings.closed_reason;
  } else if (findings.renewed) {
    environment.server_leaves = "the publication was set up anew";
  }
  return environment;
}

Failure CaptureRun::judge_end(const CaptureSession& session, const Error& error) {
  switch (session.cause()) {
    case EndCause::publisher:
      return undeliverable(sink_->name(), error);
    case EndCause::sink:
      return failure_of(Verdict::park, error);
    case EndCause::server:
      return failure_of(Verdict::retry, error);
    case EndCause::newcomer:
      newcomers_.push_back(session.newcomer());
      return failure_of(Verdict::retry, error);
    case EndCause::drift:
      if (!looking()) (void)await_confirmed(options_.source, session.confirmed(), kConfirmWait);
      return gap(error.message);
    case EndCause::stream:
      break;
  }
  return judge_with_slot(options_.source, error);
}

CaptureRun::Ended CaptureRun::finish(CaptureSession& session) {
  const auto deadline = Clock::now() + options_.drain_deadline;
  if (const auto drained = session.drain(deadline); !drained) {
    if (session.cause() == EndCause::publisher) {
      return tl::unexpected<Failure>(undeliverable(sink_->name(), drained.error()));
    }
    SPDLOG_WARN("stopped before all was delivered, the slot keeps the rest reason={}",
                to_string(drained.error()));
  }
  // Heartbeats are in no transaction.
  (void)delivery_->publisher().drain(std::min(deadline, Clock::now() + 500ms));
  if (looking()) return {};
  // Closing at once could overtake the final status in the server.
  const bool shown = await_confirmed(options_.source, session.confirmed(), kConfirmWait);
  spdlog::log(shown ? spdlog::level::info : spdlog::level::warn,
              "stopped confirmed={} shown_by_server={}", to_string(session.confirmed()), shown);
  return {};
}

std::optional<Failure> CaptureRun::park(const Failure& failure) {
  SPDLOG_ERROR("parked, the slot holds everything until the sink answers reason={}",
               to_string(failure));
  delivery_->discard();
  show(StreamState::parked, to_string(failure));
  const auto answered =
      wait_while_parked(*sink_, heartbeats_, board_, stop_, Backoff(kProbeBackoff),
                        [this](auto time) { pause(time); });
  if (!answered) return undeliverable(sink_->name(), answered.error());
  return std::nullopt;
}

void CaptureRun::await(const Failure& failure) {
  const bool standby = failure.verdict == Verdict::standby;
  show(standby ? StreamState::standby : StreamState::connecting, to_string(failure));
  if (standby) {
    if (!standing_by_) SPDLOG_INFO("standing by reason={}", to_string(failure));
    standing_by_ = true;
    return pause(standby_pause());
  }
  const auto time = backoff_.next();
  SPDLOG_WARN("no stream, trying again pause_ms={} reason={}", time.count(), to_string(failure));
  pause(time);
}

void CaptureRun::show(StreamState state, const std::string& problem) {
  board_.update([&](ConnectorStatus& status) {
    status.stream.state = state;
    status.stream.state_since = Clock::now();
    status.stream.problem = problem;
    status.publisher = delivery_->status();
  });
}

void CaptureRun::pause(Clock::duration time) {
  const auto end = Clock::now() + time;
  for (auto now = Clock::now(); now < end && !stop_.stop_requested(); now = Clock::now()) {
    board_.update([&](ConnectorStatus& status) { status.publisher = delivery_->status(); });
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now);
    pollfd polled{wakeup_.descriptor(), POLLIN, 0};
    ::poll(&polled, 1, static_cast<int>(std::min(left, 1'000ms).count()));
    wakeup_.clear();
  }
}

}  // namespace walpulse::connector
