#include "decoder/schema/heartbeat.h"

#include <array>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "decoder/base/json_fields.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"
#include "decoder/schema/introduction.h"

namespace walpulse::schema {
namespace {

/// Fifty times what a connector sends: a forged one must not become a tree of many times its text.
constexpr std::size_t kHeartbeatBytesMax = 64 << 10;

constexpr std::array kStates = {Heartbeat::State::streaming, Heartbeat::State::catching_up,
                                Heartbeat::State::parked, Heartbeat::State::stopping};

Heartbeat::State state_at(const Json& json, const char* field) {
  const Json& value = json.at(field);
  for (const Heartbeat::State state : kStates) {
    if (to_string(state) == value.get_ref<const std::string&>()) return state;
  }
  refuse(value, std::string(field) + " is unknown");
}

/// A connector of an older version says none of it.
void read_stay(const Json& json, Heartbeat& heartbeat) {
  heartbeat.system_identifier = digits_at(json, "system_identifier");
  heartbeat.database = json.at("database").get<std::string>();
  heartbeat.publication = json.at("publication").get<std::string>();
  heartbeat.follows = follows_at(json);
  heartbeat.held_from = Lsn{unsigned_at(json, "held_from")};
  heartbeat.published = Lsn{unsigned_at(json, "published")};
  heartbeat.session = unsigned_at(json, "session");
}

Heartbeat read(const Json& json) {
  Heartbeat heartbeat;
  heartbeat.name = json.at("name").get<std::string>();
  heartbeat.table = json.at("table").get<std::string>();
  heartbeat.epoch = unsigned_at(json, "epoch");
  heartbeat.instance = json.at("instance").get<std::string>();
  heartbeat.started_at = timestamp_at(json, "started_at");
  heartbeat.sent_at = timestamp_at(json, "sent_at");
  heartbeat.sequence = unsigned_at(json, "sequence");
  heartbeat.state = state_at(json, "state");
  heartbeat.confirmed = Lsn{unsigned_at(json, "confirmed_lsn")};
  heartbeat.server = Lsn{unsigned_at(json, "server_lsn")};
  heartbeat.confirmed_at = timestamp_at(json, "confirmed_at");
  heartbeat.lag_bytes = unsigned_at(json, "lag_bytes");
  heartbeat.lag_seconds = json.at("lag_seconds").get<double>();
  heartbeat.retained_wal_bytes = unsigned_at(json, "retained_wal_bytes");
  heartbeat.safe_wal_bytes = signed_at(json, "safe_wal_bytes");
  // A connector of an older version says nothing of an anchor.
  if (json.contains("replay_wal_bytes")) {
    heartbeat.replay_wal_bytes = signed_at(json, "replay_wal_bytes");
    heartbeat.replay_anchor_lost = json.value("replay_anchor_lost", false);
  }
  heartbeat.in_flight_bytes = unsigned_at(json, "in_flight_bytes");
  heartbeat.published_count = unsigned_at(json, "published_count");
  heartbeat.retried_count = unsigned_at(json, "retried_count");
  heartbeat.dropped_column_count = unsigned_at(json, "dropped_column_count");
  const Json& latency = json.at("publish_latency");
  heartbeat.publish_latency_bounds = latency.at("bounds").get<std::vector<double>>();
  heartbeat.publish_latency_counts = unsigned_list_at(latency, "counts");
  heartbeat.publish_latency_sum = latency.at("sum").get<double>();
  if (json.contains("system_identifier")) read_stay(json, heartbeat);
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
  if (json.size() > kHeartbeatBytesMax) {
    return fail(ErrorKind::malformed, "not a heartbeat: too long for one");
  }
  try {
    Heartbeat heartbeat = read(Json::parse(json));
    const std::size_t bounds = heartbeat.publish_latency_bounds.size();
    const std::size_t counts = heartbeat.publish_latency_counts.size();
    if (counts != bounds + 1 && bounds + counts != 0) {
      return fail(ErrorKind::malformed, "not a heartbeat: counts do not match bounds");
    }
    return heartbeat;
  } catch (const nlohmann::json::parse_error& error) {
    // Its own text quotes the payload.
    return fail(ErrorKind::malformed,
                "not a heartbeat: no JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::malformed, std::string("not a heartbeat: ") + error.what());
  }
}

Attributes heartbeat_attributes(const Heartbeat& heartbeat) {
  const std::string name = utf8_or_replaced(heartbeat.name);
  const std::string table = utf8_or_replaced(heartbeat.table);
  return {
      {"ce-specversion", "1.0"},
      {"ce-id", name + "/" + table + "/heartbeat/" + heartbeat.instance + "/" +
                    std::to_string(heartbeat.sequence)},
      {"ce-source", "/walpulse/" + name},
      {"ce-type", std::string(kHeartbeatType)},
      {"ce-time", to_rfc3339(heartbeat.sent_at)},
      {"content-type", std::string(kContentType)},
      {"table", table},
      {"schema_version", std::string(kVersion)},
  };
}

std::string heartbeat_ordering_key(const Heartbeat& heartbeat) {
  return "heartbeat/" + utf8_or_replaced(heartbeat.name);
}

}  // namespace walpulse::schema
