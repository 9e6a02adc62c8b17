#include "monitor/ledger/application/event_counters.h"

#include <algorithm>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/ledger/timeline/observe.h"

namespace walpulse::monitor {

EventCounters::Counts& EventCounters::of(const std::string& source) {
  if (last_ == nullptr || last_->first != source) last_ = &*counts_.try_emplace(source).first;
  return last_->second;
}

void EventCounters::count(const std::string& source, char operation, Outcome outcome) {
  const std::size_t place = std::min(kOperations.find(operation), kOperations.size());
  ++of(source).processed[place][static_cast<std::size_t>(outcome)];
}

void EventCounters::delivered(const std::string& source, double seconds) {
  telemetry::Distribution& latency = of(source).latency;
  if (latency.bounds.empty()) latency.bounds = latency_bounds_;
  latency.add(seconds);
}

void EventCounters::add_to(SeriesChanges& changes) const {
  for (const auto& [source, counts] : counts_) {
    for (std::size_t i = 0; i < counts.processed.size(); ++i) {
      const std::string operation(i < kOperations.size() ? kOperations.substr(i, 1) : kUnknown);
      for (std::size_t outcome = 0; outcome < counts.processed[i].size(); ++outcome) {
        const std::int64_t count = counts.processed[i][outcome];
        if (count == 0) continue;
        const auto text = to_string(static_cast<Outcome>(outcome));
        changes.count(metric_descriptors().processed_count, source,
                      {{"op", operation}, {"outcome", std::string(text)}}, count);
      }
    }
    if (counts.latency.count() > 0)
      changes.add({&metric_descriptors().delivery_latency, source, {}}, counts.latency);
  }
}

}  // namespace walpulse::monitor
