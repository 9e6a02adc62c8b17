#include "monitor/reading/event_figures.h"

#include <string>
#include <variant>

#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/counting/metric_descriptors.h"

namespace walpulse::monitor::reading {

EventFigures event_figures(Transaction& in) {
  EventFigures figures;
  for (const Series& series : in.series().of(metric_descriptors().processed_count)) {
    const auto* count = std::get_if<std::int64_t>(&series.value);
    const auto outcome = series.key.labels.find("outcome");
    if (count == nullptr || outcome == series.key.labels.end()) continue;
    figures.processed += static_cast<std::uint64_t>(*count);
    for (const Outcome aside : {Outcome::invalid, Outcome::conflict, Outcome::refused})
      if (outcome->second == to_string(aside))
        figures.rejected += static_cast<std::uint64_t>(*count);
  }
  return figures;
}

}  // namespace walpulse::monitor::reading
