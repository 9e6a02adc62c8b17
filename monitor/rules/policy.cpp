#include "monitor/rules/policy.h"

#include <string_view>
#include <utility>

#include "monitor/rules/keys.h"

namespace walpulse::rules {
namespace {

template <class T>
void take_away(Placed<std::optional<T>>& watch, Place by) {
  if (watch.value) watch = {std::nullopt, by};
}

}  // namespace

std::vector<PolicyRow> rows_of(const Policy& policy) {
  std::vector<PolicyRow> rows;
  for (const Key& key : keys()) key.show(policy, rows);
  return rows;
}

void reconcile(Policy& policy) {
  const auto [mode, place] = policy.runs;
  if (mode == RunMode::for_ever) {
    for (auto* watch : {&policy.start_within, &policy.max_duration, &policy.fresh_within}) {
      take_away(*watch, place);
    }
    take_away(policy.done_by, place);
  } else {
    take_away(policy.down_for, place);
    if (mode == RunMode::on_demand) take_away(policy.start_within, place);
  }
  if (!policy.done_by.value && !policy.fresh_within.value) policy.expect_each.clear();
}

std::string to_string(Duration duration) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}};
  const std::int64_t count = duration.count();
  for (const auto& [unit, milliseconds] : kUnits) {
    if (count >= milliseconds && count % milliseconds == 0) {
      return std::to_string(count / milliseconds) + std::string(unit);
    }
  }
  return std::to_string(count) + "ms";
}

}  // namespace walpulse::rules
