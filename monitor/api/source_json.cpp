#include <nlohmann/json.hpp>

#include "monitor/api/api_json.h"
#include "monitor/ledger/application/epochs.h"

namespace walpulse::monitor::api {
namespace {

std::optional<Timestamp> known(Timestamp instant) {
  if (instant == Timestamp{}) return std::nullopt;
  return instant;
}

Json bytes_or_null(std::int64_t bytes) { return bytes < 0 ? Json(nullptr) : Json(bytes); }

}  // namespace

Json json_of(const std::optional<reading::SnapshotView>& snapshot) {
  if (!snapshot) return nullptr;
  return {{"table", snapshot->table},
          {"rows", snapshot->rows},
          {"rows_expected", snapshot->expected ? Json(*snapshot->expected) : Json(nullptr)}};
}

Json json_of(const reading::ConnectorView& connector) {
  Json json = {{"instance", connector.instance},
               {"state", "unknown"},
               {"started_at", instant(connector.started_at)},
               {"heard_at", instant(connector.heard_at)},
               {"confirmed_at", nullptr},
               {"lag_bytes", nullptr},
               {"lag_seconds", nullptr},
               {"retained_wal_bytes", nullptr},
               {"safe_wal_bytes", nullptr},
               {"in_flight_bytes", nullptr},
               {"published_count", nullptr},
               {"retried_count", nullptr}};
  if (!connector.heartbeat) return json;
  const schema::Heartbeat& beat = *connector.heartbeat;
  json["state"] = to_string(beat.state);
  json["confirmed_at"] = instant(known(beat.confirmed_at));
  json["lag_bytes"] = beat.lag_bytes;
  json["lag_seconds"] = seconds_or_null(beat.lag_seconds);
  json["retained_wal_bytes"] = beat.retained_wal_bytes;
  json["safe_wal_bytes"] = bytes_or_null(beat.safe_wal_bytes);
  json["in_flight_bytes"] = beat.in_flight_bytes;
  json["published_count"] = beat.published_count;
  json["retried_count"] = beat.retried_count;
  return json;
}

Json json_of(const reading::TableView& table) {
  return {{"table", table.table},
          {"epoch", std::to_string(table.epoch)},
          {"standing", to_string(table.standing)},
          {"newest_at", instant(table.newest)},
          {"events_at", instant(table.events_at)},
          {"gap", table.gap}};
}

}  // namespace walpulse::monitor::api
