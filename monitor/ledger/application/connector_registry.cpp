#include "monitor/ledger/application/connector_registry.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "publisher/telemetry/connector_metrics.h"

namespace walpulse::monitor {
namespace {

/// Pub/Sub keeps no message longer, so that none can come again after its row is gone.
constexpr auto kRetentionMax = std::chrono::hours(24 * 31);
/// Heartbeats of a process that another replaced come later than this only by accident.
constexpr auto kLateMax = std::chrono::hours(24);

/// What `now` counted beyond `before`. Counters that went down, or have other buckets, began anew.
telemetry::Number difference(const telemetry::Number& now, const telemetry::Number& before) {
  if (const auto* whole = std::get_if<std::int64_t>(&now)) {
    const auto* less = std::get_if<std::int64_t>(&before);
    return less != nullptr && *less <= *whole ? *whole - *less : *whole;
  }
  const auto* more = std::get_if<telemetry::Distribution>(&now);
  const auto* less = std::get_if<telemetry::Distribution>(&before);
  if (more == nullptr || less == nullptr || more->bounds != less->bounds) return now;
  telemetry::Distribution between = *more;
  for (std::size_t i = 0; i < between.counts.size() && i < less->counts.size(); ++i) {
    if (less->counts[i] > between.counts[i]) return now;
    between.counts[i] -= less->counts[i];
  }
  between.sum -= less->sum;
  return between;
}

bool is_zero(const telemetry::Number& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole == 0;
  if (const auto* sum = std::get_if<telemetry::Distribution>(&value)) return sum->count() == 0;
  return std::get<double>(value) == 0;
}

void add_counters(const schema::Heartbeat& now, const std::optional<schema::Heartbeat>& before,
                  SeriesChanges& changes) {
  const auto later = telemetry::connector_metrics(now);
  const auto earlier =
      before ? telemetry::connector_metrics(*before) : std::vector<telemetry::Metric>(later.size());
  for (std::size_t i = 0; i < later.size(); ++i) {
    if (later[i].descriptor->kind != telemetry::Descriptor::Kind::cumulative) continue;
    for (std::size_t p = 0; p < later[i].points.size(); ++p) {
      const telemetry::Point& point = later[i].points[p];
      const telemetry::Number added = p < earlier[i].points.size()
                                          ? difference(point.value, earlier[i].points[p].value)
                                          : point.value;
      if (!is_zero(added)) changes.add({later[i].descriptor, now.name, point.labels}, added);
    }
  }
}

}  // namespace

ConnectorRegistry::ConnectorRegistry(Transaction& transaction, Timestamp birth, Timestamp now)
    : transaction_(transaction), birth_(birth), now_(now) {
  // Two instances that take the difference from the same heartbeat would count it twice.
  transaction.claim(Claim::connectors);
  rows_ = transaction.connectors().all();
}

Outcome ConnectorRegistry::apply(const schema::Heartbeat& heartbeat, const std::string& json,
                                 SeriesChanges& changes) {
  if (heartbeat.sent_at < now_ - kRetentionMax) return Outcome::pruned;
  const auto at = std::find_if(rows_.begin(), rows_.end(), [&](const ConnectorRow& row) {
    return row.name == heartbeat.name && row.instance == heartbeat.instance &&
           row.started_at == heartbeat.started_at;
  });
  std::optional<schema::Heartbeat> before;
  if (at != rows_.end()) {
    if (heartbeat.sequence <= at->sequence) return Outcome::unchanged;
    auto known = schema::parse_heartbeat(at->heartbeat);
    before = known ? *std::move(known) : heartbeat;
  } else {
    transaction_.connectors().remove(now_ - kRetentionMax);
    if (heartbeat.started_at < birth_) before = heartbeat;
  }
  add_counters(heartbeat, before, changes);
  // A clock ahead of ours must not make this heartbeat the newest for days.
  const Timestamp sent_at = std::min(heartbeat.sent_at, now_);
  const ConnectorRow row{
      heartbeat.name, heartbeat.instance, heartbeat.started_at, heartbeat.sequence, sent_at, json};
  transaction_.connectors().save(row);
  if (at != rows_.end()) {
    *at = row;
  } else {
    rows_.push_back(row);
  }
  return Outcome::applied;
}

std::vector<ConnectorRow> without_heartbeats(const std::vector<ConnectorRow>& rows) {
  using Table = std::pair<std::string, std::string>;
  std::vector<std::optional<Table>> tables;
  std::map<Table, Timestamp> newest;
  for (const ConnectorRow& row : rows) {
    const auto heartbeat = schema::parse_heartbeat(row.heartbeat);
    tables.push_back(heartbeat ? std::optional(Table(row.name, heartbeat->table)) : std::nullopt);
    if (!heartbeat || heartbeat->confirmed_at == Timestamp{}) continue;
    Timestamp& sent = newest.try_emplace(*tables.back(), row.sent_at).first->second;
    sent = std::max(sent, row.sent_at);
  }
  std::vector<ConnectorRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!tables[i]) continue;
    const auto at = newest.find(*tables[i]);
    if (at == newest.end() || at->second - rows[i].sent_at <= kLateMax) continue;
    found.push_back(rows[i]);
    found.back().heartbeat.clear();
  }
  return found;
}

}  // namespace walpulse::monitor
