#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/ledger/stores/runs.h"

/// How a finished run's end stands in columns of its own, the same in every storage. The status is
/// a number there: the row's own status changes while a run runs, and no index may be written then.
namespace walpulse::monitor {

/// Their places are stored.
inline constexpr std::array<std::string_view, 3> kEndStatuses{"COMPLETED", "FAILED", "CANCELLED"};

/// Of a state that has finished.
inline std::int64_t outcome_of(const RunState& state) {
  for (std::size_t i = 0; i < kEndStatuses.size(); ++i)
    if (state.status == kEndStatuses[i]) return static_cast<std::int64_t>(i);
  return static_cast<std::int64_t>(kEndStatuses.size());
}
inline std::string outcome_name(std::int64_t outcome) {
  const auto place = static_cast<std::size_t>(outcome);
  return std::string(place < kEndStatuses.size() ? kEndStatuses[place] : kUnknown);
}

inline std::optional<double> seconds_of(const std::optional<std::chrono::microseconds>& took) {
  if (!took) return std::nullopt;
  return static_cast<double>(took->count()) / 1e6;
}

/// Of a state that has finished.
inline RunEnd run_end(const RunKey& key, const RunState& state, TextPool& texts) {
  return {state.finish->ended,
          key,
          texts.shared(state.pipeline),
          outcome_name(outcome_of(state)),
          seconds_of(state.finish->took),
          state.schedule,
          texts.shared(state.labels)};
}

}  // namespace walpulse::monitor
