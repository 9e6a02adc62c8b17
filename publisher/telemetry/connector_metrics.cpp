#include "publisher/telemetry/connector_metrics.h"

#include <array>
#include <utility>

namespace walpulse::telemetry {
namespace {

using Kind = Descriptor::Kind;
using ValueType = Descriptor::ValueType;

enum Index : std::size_t {
  lag_bytes,
  lag_seconds,
  retained_wal_bytes,
  safe_wal_bytes,
  replay_window_bytes,
  replay_anchor_lost,
  in_flight_bytes,
  state,
  published_count,
  retried_count,
  dropped_column_count,
  publish_latency,
};

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

const std::vector<Descriptor>& connector_descriptors() {
  static const std::vector<Descriptor> descriptors = {
      {"connector/lag_bytes",
       "Connector lag",
       "Bytes of WAL not yet confirmed to the server.",
       "By",
       Kind::gauge,
       ValueType::int64,
       {}},
      {"connector/lag_seconds",
       "Connector lag (time)",
       "Time since everything the server had written was confirmed.",
       "s",
       Kind::gauge,
       ValueType::double_,
       {}},
      {"connector/retained_wal_bytes",
       "Retained WAL",
       "Bytes of WAL that the slot makes the server keep.",
       "By",
       Kind::gauge,
       ValueType::int64,
       {}},
      {"connector/safe_wal_bytes",
       "WAL left before the slot is lost",
       "Bytes that can still be written before the slot is invalidated; absent where unlimited.",
       "By",
       Kind::gauge,
       ValueType::int64,
       {}},
      {"connector/replay_window_bytes",
       "WAL kept for replays",
       "Bytes of WAL that the anchor slot makes the server keep; absent without an anchor.",
       "By",
       Kind::gauge,
       ValueType::int64,
       {}},
      {"connector/replay_anchor_lost",
       "Replay anchor lost",
       "1 while a replay window is wanted and its anchor slot is missing or lost, else 0.",
       "1",
       Kind::gauge,
       ValueType::int64,
       {}},
      {"connector/in_flight_bytes",
       "Bytes in flight",
       "Bytes of messages taken and not yet acknowledged by the sink.",
       "By",
       Kind::gauge,
       ValueType::int64,
       {}},
      {"connector/state",
       "Connector state",
       "1 for the state that the connector is in, else 0.",
       "1",
       Kind::gauge,
       ValueType::int64,
       {"state"}},
      {"connector/published_count",
       "Messages published",
       "Messages that the sink acknowledged.",
       "1",
       Kind::cumulative,
       ValueType::int64,
       {}},
      {"connector/retried_count",
       "Publish requests sent again",
       "Publish requests sent again after a failure.",
       "1",
       Kind::cumulative,
       ValueType::int64,
       {}},
      {"connector/dropped_column_count",
       "Columns left out",
       "Column values left out of events because they were too large.",
       "1",
       Kind::cumulative,
       ValueType::int64,
       {}},
      {"connector/publish_latency",
       "Publish latency",
       "Time from a publish request to its acknowledgement.",
       "s",
       Kind::cumulative,
       ValueType::distribution,
       {}},
  };
  return descriptors;
}

std::vector<Metric> connector_metrics(const schema::Heartbeat& heartbeat) {
  using State = schema::Heartbeat::State;
  std::vector<Metric> metrics;
  for (const Descriptor& descriptor : connector_descriptors()) metrics.push_back({&descriptor, {}});
  const auto add = [&](Index index, Number value, Labels labels = {}) {
    metrics[index].points.push_back(
        {std::move(labels), heartbeat.name, heartbeat.started_at, std::move(value)});
  };
  add(lag_bytes, number(heartbeat.lag_bytes));
  add(lag_seconds, heartbeat.lag_seconds);
  add(retained_wal_bytes, number(heartbeat.retained_wal_bytes));
  if (heartbeat.safe_wal_bytes >= 0) add(safe_wal_bytes, heartbeat.safe_wal_bytes);
  if (heartbeat.replay_wal_bytes >= 0) add(replay_window_bytes, heartbeat.replay_wal_bytes);
  add(replay_anchor_lost, std::int64_t{heartbeat.replay_anchor_lost});
  add(in_flight_bytes, number(heartbeat.in_flight_bytes));
  for (const State each : {State::streaming, State::catching_up, State::parked, State::stopping}) {
    add(state, std::int64_t{each == heartbeat.state},
        {{"state", std::string(schema::to_string(each))}});
  }
  add(published_count, number(heartbeat.published_count));
  add(retried_count, number(heartbeat.retried_count));
  add(dropped_column_count, number(heartbeat.dropped_column_count));
  add(publish_latency,
      Distribution{heartbeat.publish_latency_bounds, heartbeat.publish_latency_counts,
                   heartbeat.publish_latency_sum});
  return metrics;
}

}  // namespace walpulse::telemetry
