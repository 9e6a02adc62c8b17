#include "monitor/intake/process_metrics.h"

#include <string>

namespace walpulse::monitor {
namespace {

using Kind = telemetry::Descriptor::Kind;
using ValueType = telemetry::Descriptor::ValueType;

const telemetry::Descriptor kRefused{"monitor/push_refused",
                                     "Pushes refused",
                                     "Pushed requests that this process answered with an error.",
                                     "1",
                                     Kind::cumulative,
                                     ValueType::int64,
                                     {"reason"}};
const telemetry::Descriptor kDeferred{
    "monitor/deferred",
    "Messages of an unknown version",
    "Messages put off because this build does not know their schema "
    "version, each time that they came.",
    "1",
    Kind::cumulative,
    ValueType::int64,
    {}};
const telemetry::Descriptor kQueueBytes{"monitor/queue_bytes",
                                        "Bytes waiting",
                                        "Bytes of messages that wait for the ledger.",
                                        "By",
                                        Kind::gauge,
                                        ValueType::int64,
                                        {}};
const telemetry::Descriptor kLeader{
    "monitor/leader",
    "Leads",
    "1 while this process leads those that share its ledger: it exports, and shows the ledger's "
    "series here.",
    "1",
    Kind::gauge,
    ValueType::int64,
    {}};
constexpr std::array<const char*, 7> kReasons = {
    "invalid",         "queue_full", "ledger_unavailable", "deferred",
    "unauthenticated", "forbidden",  "keys_unavailable"};

}  // namespace

std::vector<telemetry::Metric> ProcessMetrics::collect(std::size_t queue_bytes, bool leads) const {
  telemetry::Metric refused{&kRefused, {}};
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    const auto count = static_cast<std::int64_t>(refused_[i].load());
    refused.points.push_back({{{"reason", kReasons[i]}}, "", started_, count});
  }
  telemetry::Metric deferred{&kDeferred, {}};
  deferred.points.push_back({{}, "", started_, static_cast<std::int64_t>(deferred_.load())});
  telemetry::Metric waiting{&kQueueBytes, {}};
  waiting.points.push_back({{}, "", started_, static_cast<std::int64_t>(queue_bytes)});
  telemetry::Metric leader{&kLeader, {}};
  leader.points.push_back({{}, "", started_, std::int64_t{leads ? 1 : 0}});
  return {std::move(refused), std::move(deferred), std::move(waiting), std::move(leader)};
}

}  // namespace walpulse::monitor
