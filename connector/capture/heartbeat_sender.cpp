#include "connector/capture/heartbeat_sender.h"

#include <algorithm>

#include "connector/session/ack_tracker.h"

namespace walpulse::connector {
namespace {

using HeartbeatState = schema::Heartbeat::State;

constexpr std::uint64_t kCatchingUpBytes = 16u << 20;

double seconds(std::chrono::microseconds time) {
  return std::max(0.0, std::chrono::duration<double>(time).count());
}

Lsn server_end(const ConnectorStatus& status) {
  return std::max(status.stream.server_end, status.slot.server_end);
}

HeartbeatState state_of(const ConnectorStatus& status) {
  if (status.stream.state == StreamStatus::State::parked) return HeartbeatState::parked;
  if (status.stream.state == StreamStatus::State::stopping) return HeartbeatState::stopping;
  return catching_up(status) ? HeartbeatState::catching_up : HeartbeatState::streaming;
}

}  // namespace

bool catching_up(const ConnectorStatus& status) {
  return status.stream.silent ||
         server_end(status).value > status.stream.confirmed.value + kCatchingUpBytes;
}

schema::Heartbeat heartbeat_of(const ConnectorStatus& status, Timestamp now) {
  const Instance& instance = status.instance;
  const StreamStatus& stream = status.stream;
  schema::Heartbeat beat;
  beat.name = instance.name;
  beat.table = instance.table;
  beat.epoch = instance.epoch;
  beat.instance = instance.id;
  beat.started_at = instance.started_at;
  beat.sent_at = now;
  beat.confirmed = stream.confirmed;
  beat.server = server_end(status);
  beat.confirmed_at = stream.confirmed_at;
  if (beat.server > beat.confirmed) {
    beat.lag_bytes = beat.server.value - beat.confirmed.value;
    // What nothing is known of yet is said to be no older than this process.
    const bool known = stream.confirmed_at != Timestamp{};
    beat.lag_seconds = seconds(now - (known ? stream.confirmed_at : instance.started_at));
  }
  beat.state = state_of(status);
  beat.retained_wal_bytes = status.slot.retained_bytes;
  beat.safe_wal_bytes = status.slot.safe_bytes;
  using Anchor = AnchorSnapshot::State;
  const auto& anchor = status.anchor;
  if (anchor.state == Anchor::kept || anchor.state == Anchor::unwanted) {
    beat.replay_wal_bytes = static_cast<std::int64_t>(anchor.held_bytes);
  }
  beat.replay_anchor_lost = anchor.broken();
  beat.in_flight_bytes = status.publisher.pending_bytes;
  beat.published_count = status.publisher.published_count;
  beat.retried_count = status.publisher.retried_count;
  beat.dropped_column_count = stream.dropped_column_count;
  beat.publish_latency_bounds = status.publisher.publish_latency.bounds;
  beat.publish_latency_counts = status.publisher.publish_latency.counts;
  beat.publish_latency_sum = status.publisher.publish_latency.sum;
  beat.system_identifier = instance.system_identifier;
  beat.database = instance.database;
  beat.publication = instance.publication;
  beat.follows = instance.follows;
  beat.held_from = stream.held_from;
  beat.published = stream.published;
  beat.session = stream.session;
  return beat;
}

publisher::Message heartbeat_message(const schema::Heartbeat& heartbeat) {
  return {.data = to_json(heartbeat),
          .attributes = heartbeat_attributes(heartbeat),
          .ordering_key = heartbeat_ordering_key(heartbeat),
          .ticket = AckTracker::kNoTicket};
}

publisher::Message HeartbeatSender::make(const ConnectorStatus& status, Timestamp now) const {
  auto beat = heartbeat_of(status, now);
  beat.sequence = sequence_ + 1;
  return heartbeat_message(beat);
}

void HeartbeatSender::sent(Clock::time_point now) {
  ++sequence_;
  next_due_ = now + interval_;
}

void HeartbeatSender::refused(Clock::time_point now) {
  next_due_ = now + std::min(interval_, std::chrono::milliseconds{1'000});
}

}  // namespace walpulse::connector
