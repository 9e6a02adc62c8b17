#include "connector/capture/capture_run.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <random>

#include "connector/capture/connector_http.h"
#include "connector/capture/run_command.h"
#include "connector/capture/slot_question.h"
#include "connector/capture/stream_opener.h"
#include "connector/options/exit_codes.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using State = StreamStatus::State;

constexpr std::uint16_t kDefaultPort = 8080;
constexpr auto kConfirmWait = 2s;
constexpr auto kStableSession = 5s;  ///< Lived this long, a session's end is news, not a series.

std::string unique_id() {
  std::array<char, 65> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "-" + std::to_string(::getpid()) + "-" +
         fmt::format("{:08x}", std::random_device{}());
}

Clock::duration standby_pause() {
  std::random_device random;
  return std::chrono::milliseconds(500 + random() % 1'000);
}

/// The reader of a pipe on stdout closed it: `| head` has seen enough.
bool stdout_closed() {
  pollfd polled{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLERR) != 0;
}

decoder::EventDecoderOptions decoder_options(const RunOptions& options, const Discovery& found) {
  decoder::EventDecoderOptions wanted;
  wanted.source = {.name = found.identity.name, .database = found.server.database};
  wanted.epoch = found.identity.epoch;
  wanted.schema = options.source.schema;
  wanted.table = options.source.table;
  wanted.json_columns = options.columns;
  wanted.key_columns = found.key_columns;
  for (const LabelOption& label : options.labels) {
    wanted.labels.push_back({label.name, label.column, label.path});
  }
  return wanted;
}

}  // namespace

CaptureRun::CaptureRun(const RunOptions& options, std::stop_token stop, Wakeup& wakeup)
    : options_(options),
      stop_(std::move(stop)),
      wakeup_(wakeup),
      heartbeats_(options.heartbeat),
      backoff_({.initial = 100ms, .multiplier = 2, .max = 10s}) {
  board_.update([&](ConnectorStatus& status) {
    status.instance.id = unique_id();
    status.instance.table = options_.source.schema + "." + options_.source.table;
    status.instance.started_at =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    status.stream.state_since = Clock::now();
  });
}

Result<void> CaptureRun::prepare() {
  if (!looking() || options_.http_port) {
    gcp::ServerOptions server;
    server.address = options_.http_address;
    server.port = options_.http_port.value_or(kDefaultPort);
    auto http = serve_probes(server, board_);
    if (!http) return tl::unexpected<Error>(http.error());
    http_ = std::move(*http);
    spdlog::info("serving probes address={} port={}", server.address, http_->port());
  }
  auto sink = publisher::make_sink(options_.to, {.environment = [](const char* name) {
                                     return static_cast<const char*>(std::getenv(name));
                                   }});
  if (!sink) return tl::unexpected<Error>(sink.error());
  sink_ = std::move(*sink);
  publisher::LaneOptions lanes;
  lanes.lane_count = looking() ? 1 : options_.lanes;
  lanes.pending_bytes_max = options_.pending_bytes_max;
  delivery_ = std::make_unique<Delivery>(
      [this, lanes](publisher::Acknowledged acknowledged) {
        return publisher::make_lane_publisher(*sink_, lanes, std::move(acknowledged));
      },
      wakeup_);
  const auto reachable = sink_->check();
  if (reachable) return {};
  // What is down comes back; what is missing or forbidden is better said now than retried unseen.
  const ErrorKind kind = reachable.error().kind;
  if (kind != ErrorKind::unavailable && kind != ErrorKind::timed_out) return reachable;
  spdlog::warn("the sink does not answer yet sink={} reason={}", sink_->name(),
               reachable.error().message);
  return {};
}

int CaptureRun::execute() {
  if (const auto prepared = prepare(); !prepared) {
    spdlog::error("cannot start reason={}", prepared.error().message);
    return kExitFailed;
  }
  while (!stop_.stop_requested()) {
    auto ended = session();
    if (ended) return kExitStopped;
    if (ended.error().verdict == Verdict::fatal || ended.error().verdict == Verdict::gap) {
      spdlog::error("giving up reason={}", ended.error().message);
      // What was taken may be in no slot any more.
      (void)delivery_->publisher().drain(Clock::now() + options_.drain_deadline);
      return ended.error().verdict == Verdict::gap ? kExitGap : kExitFailed;
    }
    if (looking() && !server_) {  // somebody sits in front of it
      spdlog::error("cannot start reason={}", ended.error().message);
      return kExitFailed;
    }
    await(ended.error());
  }
  const auto drained = delivery_->publisher().drain(Clock::now() + options_.drain_deadline);
  if (drained || drained.error().kind == ErrorKind::timed_out) return kExitStopped;
  spdlog::error("giving up reason={}", undeliverable(sink_->name(), drained.error()).message);
  return kExitFailed;
}

CaptureRun::Ended CaptureRun::session() {
  auto found = find();
  if (!found) return tl::unexpected<Failure>(found.error());
  join(*found);
  auto stream = open_stream({.source = options_.source,
                             .found = *found,
                             .from = delivery_->tracker().taken(),
                             .look = looking(),
                             .sink = sink_->name()},
                            wakeup_);
  if (!stream) return tl::unexpected<Failure>(stream.error());
  const auto since = Clock::now();
  auto ended = capture(**stream, *found);
  if (Clock::now() - since > kStableSession) backoff_.reset();
  return ended;
}

tl::expected<Discovery, Failure> CaptureRun::find() {
  if (!catalog_) {
    auto opened = Catalog::open(options_.source.dsn, kQuestionTimeout);
    if (!opened) {
      return tl::unexpected<Failure>(judge(opened.error(), "", std::nullopt));
    }
    catalog_ = std::move(*opened);
  }
  auto found = discover(*catalog_, options_.source);
  if (!found) {
    if (found.error().verdict == Verdict::retry) catalog_.reset();
    return found;
  }
  if (!looking() && found->slot.active) {
    const int holder = found->slot.active_pid.value_or(0);
    return tl::unexpected<Failure>(Failure{
        Verdict::standby,
        "slot " + options_.source.slot + " is held by server process " + std::to_string(holder)});
  }
  return found;
}

/// Another timeline or epoch is another history: nothing of the old one may be confirmed in it.
void CaptureRun::join(const Discovery& found) {
  const ServerMark mark{found.server.system_identifier, found.server.timeline};
  const bool joins = (!server_ || *server_ == mark) && (!identity_ || *identity_ == found.identity);
  if (!joins) {
    spdlog::warn("a new timeline or epoch, starting at the slot timeline={} epoch={}",
                 mark.timeline, found.identity.epoch);
    delivery_->discard();
    board_.update([](ConnectorStatus& status) {
      status.stream.received = status.stream.confirmed = status.stream.server_end = Lsn{};
      status.stream.confirmed_at = Timestamp{};
    });
  }
  server_ = mark;
  identity_ = found.identity;
  board_.update([&](ConnectorStatus& status) {
    status.instance.name = found.identity.name;
    status.instance.epoch = found.identity.epoch;
    auto& stream = status.stream;
    stream.confirmed = std::max(stream.confirmed, found.slot.confirmed_flush_lsn.value_or(Lsn{}));
    stream.server_end = std::max(stream.server_end, found.server.current_lsn);
  });
}

CaptureRun::Ended CaptureRun::capture(ReplicationStream& stream, const Discovery& found) {
  standing_by_ = false;
  catalog_.reset();  // not kept idle for months: it is asked again when the session ends
  if (!looking() && !slot_watch_) {
    slot_watch_.emplace(options_.source.dsn, options_.source.slot, options_.heartbeat, board_);
  }
  CaptureOptions wanted;
  wanted.ordering_keys = options_.ordering_keys;
  wanted.feedback.interval = status_interval(found.server.wal_sender_timeout);
  wanted.feedback.confirm = !looking();
  if (options_.to == "stdout") wanted.done = &stdout_closed;
  decoder::EventDecoder decoder(decoder_options(options_, found));
  CaptureSession session(wanted, stream, decoder, *delivery_, board_,
                         looking() ? nullptr : &heartbeats_, delivery_->tracker().taken());
  const auto ended = session.run(stop_);
  if (options_.to == "stdout" && stdout_closed()) return {};  // nobody to finish for
  if (ended) return finish(session);
  if (session.publisher_failed()) {
    return tl::unexpected<Failure>(undeliverable(sink_->name(), ended.error()));
  }
  return tl::unexpected<Failure>(
      judge_with_slot(options_.source, ended.error(), stream.sqlstate()));
}

CaptureRun::Ended CaptureRun::finish(CaptureSession& session) {
  const auto deadline = Clock::now() + options_.drain_deadline;
  if (const auto drained = session.drain(deadline); !drained) {
    if (session.publisher_failed()) {
      return tl::unexpected<Failure>(undeliverable(sink_->name(), drained.error()));
    }
    spdlog::warn("stopped before all was delivered, the slot keeps the rest reason={}",
                 drained.error().message);
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

void CaptureRun::await(Failure& failure) {
  const bool standby = failure.verdict == Verdict::standby;
  board_.update([&](ConnectorStatus& status) {
    status.stream.state = standby ? State::standby : State::connecting;
    status.stream.state_since = Clock::now();
    status.stream.problem = failure.message;
  });
  if (standby) {
    if (!standing_by_) spdlog::info("standing by reason={}", failure.message);
    standing_by_ = true;
    return pause(standby_pause());
  }
  const auto time = backoff_.next();
  spdlog::warn("no stream, trying again pause_ms={} reason={}", time.count(), failure.message);
  pause(time);
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
