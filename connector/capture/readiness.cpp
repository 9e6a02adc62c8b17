#include "connector/capture/readiness.h"

#include <nlohmann/json.hpp>

#include "connector/capture/heartbeat_sender.h"
#include "decoder/base/json_dom.h"

namespace walpulse::connector {
namespace {

using StreamState = StreamStatus::State;

std::string seconds_since(Clock::time_point then, Clock::time_point now) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - then).count()) +
         " s";
}

Readiness streaming(const ConnectorStatus& status, Clock::time_point now,
                    const ReadinessOptions& options) {
  const auto& sink = status.publisher;
  if (!status.stream.problem.empty()) return {false, status.stream.problem};
  if (sink.waiting_since && now - *sink.waiting_since > options.sink_trouble_max) {
    return {false, "the sink takes nothing for " + seconds_since(*sink.waiting_since, now) +
                       (sink.trouble.empty() ? "" : ": " + sink.trouble)};
  }
  if (!sink.trouble.empty() && now - sink.trouble_since > options.sink_trouble_max) {
    return {false, "the sink refuses an ordering key for " +
                       seconds_since(sink.trouble_since, now) + ": " + sink.trouble};
  }
  if (now - status.stream.progress_at > options.stall_max) {
    const auto silence = seconds_since(status.stream.progress_at, now);
    return {false, status.stream.held ? "held back by a full publisher for " + silence
                                      : "stalled: the server is silent for " + silence};
  }
  return {true, catching_up(status) ? "catching_up" : "streaming"};
}

}  // namespace

std::string_view to_string(StreamState state) {
  switch (state) {
    case StreamState::starting:
      return "starting";
    case StreamState::connecting:
      return "connecting";
    case StreamState::standby:
      return "standby";
    case StreamState::streaming:
      return "streaming";
    case StreamState::parked:
      return "parked";
    case StreamState::stopping:
      return "stopping";
  }
  return "unknown";
}

std::string_view to_string(AnchorSnapshot::State state) {
  using Anchor = AnchorSnapshot::State;
  switch (state) {
    case Anchor::unknown:
      return "unknown";
    case Anchor::none:
      return "none";
    case Anchor::unwanted:
      return "unwanted";
    case Anchor::kept:
      return "kept";
    case Anchor::missing:
      return "missing";
    case Anchor::lost:
      return "lost";
  }
  return "unknown";
}

Readiness readiness(const ConnectorStatus& status, Clock::time_point now,
                    const ReadinessOptions& options) {
  const StreamStatus& stream = status.stream;
  switch (stream.state) {
    case StreamState::standby:
      return {true, "standby"};
    case StreamState::streaming:
      return streaming(status, now, options);
    case StreamState::starting:
    case StreamState::connecting:
    case StreamState::parked:
    case StreamState::stopping:
      break;
  }
  std::string reason(to_string(stream.state));
  if (!stream.problem.empty()) reason += ": " + stream.problem;
  return {false, reason};
}

std::string health_json(const ConnectorStatus& status, Clock::time_point now) {
  const Readiness answer = readiness(status, now);
  const auto& stream = status.stream;
  const auto& sink = status.publisher;
  nlohmann::ordered_json json = {
      {"live", true},
      {"ready", answer.ready},
      {"reason", answer.reason},
      {"state", to_string(stream.state)},
      {"held", stream.held},
      {"received_lsn", to_string(stream.received)},
      {"confirmed_lsn", to_string(stream.confirmed)},
      {"server_lsn", to_string(std::max(stream.server_end, status.slot.server_end))},
      {"confirmed_at", to_rfc3339(stream.confirmed_at)},
      {"retained_wal_bytes", status.slot.retained_bytes},
      {"safe_wal_bytes", status.slot.safe_bytes},
      {"replay_anchor", to_string(status.anchor.state)},
      {"replay_oldest_lsn", to_string(status.anchor.oldest)},
      {"replay_window_bytes", status.anchor.held_bytes},
      {"event_count", stream.event_count},
      {"published_count", sink.published_count},
      {"retried_count", sink.retried_count},
      {"in_flight_messages", sink.pending_messages},
      {"in_flight_bytes", sink.pending_bytes},
      {"sink_trouble", sink.trouble},
  };
  return dump_json(json) + "\n";
}

}  // namespace walpulse::connector
