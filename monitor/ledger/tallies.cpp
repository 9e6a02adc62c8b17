#include "monitor/ledger/tallies.h"

#include <algorithm>

#include "monitor/ledger/catalogue.h"
#include "monitor/ledger/observe.h"

namespace walpulse::monitor {

Tallies::Tally& Tallies::of(const std::string& source) {
  if (last_ == nullptr || last_->first != source) last_ = &*tallies_.try_emplace(source).first;
  return last_->second;
}

void Tallies::count(const std::string& source, char operation, Outcome outcome) {
  const std::size_t place = std::min(kOperations.find(operation), kOperations.size());
  ++of(source).processed[place][static_cast<std::size_t>(outcome)];
}

void Tallies::delivered(const std::string& source, double seconds) {
  telemetry::Distribution& latency = of(source).latency;
  if (latency.bounds.empty()) latency.bounds = latency_bounds_;
  latency.add(seconds);
}

void Tallies::add_to(SeriesChanges& changes) const {
  for (const auto& [source, tally] : tallies_) {
    for (std::size_t i = 0; i < tally.processed.size(); ++i) {
      const std::string operation(i < kOperations.size() ? kOperations.substr(i, 1) : kUnknown);
      for (std::size_t outcome = 0; outcome < tally.processed[i].size(); ++outcome) {
        const std::int64_t count = tally.processed[i][outcome];
        if (count == 0) continue;
        const auto text = to_string(static_cast<Outcome>(outcome));
        changes.count(catalogue().processed_count, source,
                      {{"op", operation}, {"outcome", std::string(text)}}, count);
      }
    }
    if (tally.latency.count() > 0)
      changes.add({&catalogue().delivery_latency, source, {}}, tally.latency);
  }
}

}  // namespace walpulse::monitor
