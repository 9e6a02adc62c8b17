#include "publisher/telemetry/connector_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace walpulse::telemetry {
namespace {

schema::Heartbeat heartbeat() {
  schema::Heartbeat heartbeat;
  heartbeat.name = "mage";
  heartbeat.started_at = Timestamp(std::chrono::seconds(1'763'600'000));
  heartbeat.state = schema::Heartbeat::State::parked;
  heartbeat.lag_bytes = 42;
  heartbeat.safe_wal_bytes = 7;
  heartbeat.published_count = 9;
  heartbeat.dropped_column_count = 5;
  heartbeat.publish_latency_bounds = {0.1};
  heartbeat.publish_latency_counts = {3, 1};
  heartbeat.publish_latency_sum = 0.7;
  return heartbeat;
}

const Metric& find(const std::vector<Metric>& metrics, std::string_view name) {
  for (const Metric& metric : metrics) {
    if (metric.descriptor->name == name) return metric;
  }
  static const Metric none{};
  ADD_FAILURE() << "no metric " << name;
  return none;
}

TEST(ConnectorMetrics, SayWhatTheHeartbeatSays) {
  const auto metrics = connector_metrics(heartbeat());
  const Point& lag = find(metrics, "connector/lag_bytes").points.at(0);
  EXPECT_EQ(lag.source, "mage");
  EXPECT_EQ(std::get<std::int64_t>(lag.value), 42);
  const Point& published = find(metrics, "connector/published_count").points.at(0);
  EXPECT_EQ(published.start, heartbeat().started_at);
  EXPECT_EQ(std::get<std::int64_t>(published.value), 9);
  const Point& dropped = find(metrics, "connector/dropped_column_count").points.at(0);
  EXPECT_EQ(std::get<std::int64_t>(dropped.value), 5);
  EXPECT_EQ(std::get<Distribution>(find(metrics, "connector/publish_latency").points.at(0).value),
            (Distribution{{0.1}, {3, 1}, 0.7}));
}

TEST(ConnectorMetrics, MarkOneStateAmongAll) {
  const auto metrics = connector_metrics(heartbeat());
  std::map<std::string, std::int64_t> states;
  for (const Point& point : find(metrics, "connector/state").points) {
    states[point.labels.at("state")] = std::get<std::int64_t>(point.value);
  }
  EXPECT_EQ(states, (std::map<std::string, std::int64_t>{
                        {"streaming", 0}, {"catching_up", 0}, {"parked", 1}, {"stopping", 0}}));
}

TEST(ConnectorMetrics, LeaveOutAnUnlimitedSafeSize) {
  auto unlimited = heartbeat();
  unlimited.safe_wal_bytes = -1;
  EXPECT_TRUE(find(connector_metrics(unlimited), "connector/safe_wal_bytes").points.empty());
  EXPECT_EQ(find(connector_metrics(heartbeat()), "connector/safe_wal_bytes").points.size(), 1u);
}

TEST(ConnectorMetrics, SayWhatTheReplayWindowCostsAndWhetherItIsLost) {
  auto beat = heartbeat();
  EXPECT_TRUE(find(connector_metrics(beat), "connector/replay_window_bytes").points.empty());
  beat.replay_wal_bytes = 4096;
  const auto kept = connector_metrics(beat);
  EXPECT_EQ(std::get<std::int64_t>(find(kept, "connector/replay_window_bytes").points.at(0).value),
            4096);
  EXPECT_EQ(std::get<std::int64_t>(find(kept, "connector/replay_anchor_lost").points.at(0).value),
            0);
  beat.replay_anchor_lost = true;
  EXPECT_EQ(std::get<std::int64_t>(
                find(connector_metrics(beat), "connector/replay_anchor_lost").points.at(0).value),
            1);
}

TEST(ConnectorMetrics, HaveDescriptorsWithNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Descriptor& descriptor : connector_descriptors()) {
    EXPECT_TRUE(names.insert(descriptor.name).second);
    EXPECT_FALSE(descriptor.display_name.empty());
    EXPECT_FALSE(descriptor.help.empty());
  }
}

}  // namespace
}  // namespace walpulse::telemetry
