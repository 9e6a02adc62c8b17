#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// What this process, rather than the ledger, counts: gone when it ends, and on its own /metrics
/// only. Thread-safe.
class ProcessMetrics {
 public:
  enum class Refusal : std::uint8_t {
    invalid,             ///< Not a Pub/Sub envelope: 400.
    queue_full,          ///< 503
    ledger_unavailable,  ///< 503
    deferred,            ///< A schema version that this build does not know: 503.
    unauthenticated,     ///< No identity token, or none that can be trusted: 401.
    forbidden,           ///< Somebody else's token, or no pushes are taken: 403.
    keys_unavailable,    ///< No keys yet to check tokens with: 503.
  };

  explicit ProcessMetrics(Timestamp started) : started_(started) {}

  void count(Refusal refusal) { ++refused_[static_cast<std::size_t>(refusal)]; }
  /// A message of a schema version that this build does not know, pushed or pulled.
  void count_deferred() { ++deferred_; }
  Timestamp started() const { return started_; }
  /// As Prometheus metrics `walpulse_monitor_...`.
  std::vector<telemetry::Metric> collect(std::size_t queue_bytes, bool leads) const;

 private:
  const Timestamp started_;
  std::array<std::atomic<std::uint64_t>, 7> refused_{};
  std::atomic<std::uint64_t> deferred_ = 0;
};

}  // namespace walpulse::monitor
