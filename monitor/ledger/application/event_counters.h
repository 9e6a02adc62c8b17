#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/counting/series_changes.h"

namespace walpulse::monitor {

/// What became of the messages of one transaction, for event/*.
class EventCounters {
 public:
  explicit EventCounters(const std::vector<double>& latency_bounds)
      : latency_bounds_(latency_bounds) {}

  /// `operation` is the contract's letter; what is none of them counts as unknown.
  void count(const std::string& source, char operation, Outcome outcome);
  void delivered(const std::string& source, double seconds);
  void add_to(SeriesChanges& changes) const;

 private:
  static constexpr std::string_view kOperations = "cudtr";
  struct Counts {
    /// By operation, the unknown last, and outcome.
    std::array<std::array<std::int64_t, kOutcomes>, kOperations.size() + 1> processed{};
    telemetry::Distribution latency;
  };
  Counts& of(const std::string& source);

  const std::vector<double>& latency_bounds_;
  std::map<std::string, Counts> counts_;  ///< By source.
  std::map<std::string, Counts>::value_type* last_ = nullptr;
};

}  // namespace walpulse::monitor
