#include "decoder/schema/heartbeat.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/base/json_object.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"
#include "decoder/schema/introduction.h"

namespace walpulse::schema {
namespace {

using Json = nlohmann::ordered_json;

/// Fifty times what a connector sends.
constexpr std::size_t kHeartbeatBytesMax = 64 << 10;

constexpr std::array kStates = {Heartbeat::State::streaming, Heartbeat::State::catching_up,
                                Heartbeat::State::parked, Heartbeat::State::stopping};

Heartbeat::State read_state(JsonObject& in) {
  const std::string named = in.text("state");
  for (const Heartbeat::State state : kStates) {
    if (to_string(state) == named) return state;
  }
  in.fail("state is unknown");
  return {};
}

/// A connector of an older version says none of it.
void read_stay(JsonObject& in, Heartbeat& heartbeat) {
  heartbeat.system_identifier = in.digits("system_identifier");
  heartbeat.database = in.text("database");
  heartbeat.publication = in.text("publication");
  heartbeat.follows = read_follows(in);
  heartbeat.held_from = Lsn{in.counter("held_from")};
  heartbeat.published = Lsn{in.counter("published")};
  heartbeat.session = in.counter("session");
}

Heartbeat read_heartbeat(JsonObject& in) {
  Heartbeat heartbeat;
  heartbeat.name = in.text("name");
  heartbeat.table = in.text("table");
  heartbeat.epoch = in.counter("epoch");
  heartbeat.instance = in.text("instance");
  heartbeat.started_at = in.time("started_at");
  heartbeat.sent_at = in.time("sent_at");
  heartbeat.sequence = in.counter("sequence");
  heartbeat.state = read_state(in);
  heartbeat.confirmed = Lsn{in.counter("confirmed_lsn")};
  heartbeat.server = Lsn{in.counter("server_lsn")};
  heartbeat.confirmed_at = in.time("confirmed_at");
  heartbeat.lag_bytes = in.counter("lag_bytes");
  heartbeat.lag_seconds = in.number("lag_seconds");
  heartbeat.retained_wal_bytes = in.counter("retained_wal_bytes");
  heartbeat.safe_wal_bytes = in.whole("safe_wal_bytes");
  // A connector of an older version says nothing of an anchor.
  if (in.has("replay_wal_bytes")) {
    heartbeat.replay_wal_bytes = in.whole("replay_wal_bytes");
    if (in.has("replay_anchor_lost")) heartbeat.replay_anchor_lost = in.truth("replay_anchor_lost");
  }
  heartbeat.in_flight_bytes = in.counter("in_flight_bytes");
  heartbeat.published_count = in.counter("published_count");
  heartbeat.retried_count = in.counter("retried_count");
  heartbeat.dropped_column_count = in.counter("dropped_column_count");
  JsonObject latency = in.object("publish_latency");
  heartbeat.publish_latency_bounds = latency.numbers("bounds");
  heartbeat.publish_latency_counts = latency.counters("counts");
  heartbeat.publish_latency_sum = latency.number("sum");
  const std::size_t bounds = heartbeat.publish_latency_bounds.size();
  const std::size_t counts = heartbeat.publish_latency_counts.size();
  if (counts != bounds + 1 && bounds + counts != 0) in.fail("counts do not match bounds");
  if (in.has("system_identifier")) read_stay(in, heartbeat);
  return heartbeat;
}

}  // namespace

std::string_view to_string(Heartbeat::State state) {
  switch (state) {
    case Heartbeat::State::streaming:
      return "streaming";
    case Heartbeat::State::catching_up:
      return "catching_up";
    case Heartbeat::State::parked:
      return "parked";
    case Heartbeat::State::stopping:
      return "stopping";
  }
  return "streaming";
}

std::string to_json(const Heartbeat& heartbeat) {
  const Json json = {
      {"name", heartbeat.name},
      {"table", heartbeat.table},
      {"epoch", heartbeat.epoch},
      {"instance", heartbeat.instance},
      {"started_at", to_rfc3339(heartbeat.started_at)},
      {"sent_at", to_rfc3339(heartbeat.sent_at)},
      {"sequence", heartbeat.sequence},
      {"state", to_string(heartbeat.state)},
      {"confirmed_lsn", heartbeat.confirmed.value},
      {"server_lsn", heartbeat.server.value},
      {"confirmed_at", to_rfc3339(heartbeat.confirmed_at)},
      {"lag_bytes", heartbeat.lag_bytes},
      {"lag_seconds", heartbeat.lag_seconds},
      {"retained_wal_bytes", heartbeat.retained_wal_bytes},
      {"safe_wal_bytes", heartbeat.safe_wal_bytes},
      {"replay_wal_bytes", heartbeat.replay_wal_bytes},
      {"replay_anchor_lost", heartbeat.replay_anchor_lost},
      {"in_flight_bytes", heartbeat.in_flight_bytes},
      {"published_count", heartbeat.published_count},
      {"retried_count", heartbeat.retried_count},
      {"dropped_column_count", heartbeat.dropped_column_count},
      {"publish_latency", Json{{"bounds", heartbeat.publish_latency_bounds},
                               {"counts", heartbeat.publish_latency_counts},
                               {"sum", heartbeat.publish_latency_sum}}},
      {"system_identifier", std::to_string(heartbeat.system_identifier)},
      {"database", heartbeat.database},
      {"publication", heartbeat.publication},
      {"follows", heartbeat.follows},
      {"held_from", heartbeat.held_from.value},
      {"published", heartbeat.published.value},
      {"session", heartbeat.session},
  };
  return dump_json(json);
}

Result<Heartbeat> parse_heartbeat(std::string_view json) {
  JsonObject in(json, kHeartbeatBytesMax);
  Heartbeat heartbeat = read_heartbeat(in);
  return in.finish("a heartbeat", std::move(heartbeat));
}

Attributes heartbeat_attributes(const Heartbeat& heartbeat) {
  const std::string name = utf8_or_replaced(heartbeat.name);
  const std::string table = utf8_or_replaced(heartbeat.table);
  return {
      {"ce-specversion", "1.0"},
      {"ce-id", name + "/" + table + "/heartbeat/" + heartbeat.instance + "/" +
                    std::to_string(heartbeat.sequence)},
      {"ce-source", "/walpulse/" + name},
      {"ce-type", kHeartbeatType},
      {"ce-time", to_rfc3339(heartbeat.sent_at)},
      {"content-type", kContentType},
      {"table", table},
      {"schema_version", kVersion},
  };
}

std::string heartbeat_ordering_key(const Heartbeat& heartbeat) {
  return "heartbeat/" + utf8_or_replaced(heartbeat.name);
}

}  // namespace walpulse::schema
