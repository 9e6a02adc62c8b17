#pragma once

#include <cstdint>
#include <vector>

#include "monitor/ledger/counting/label_limits.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/series.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

struct Gauge {
  SeriesKey key;
  telemetry::Number value;
  /// What a change of which makes the gauge due: an age's instant, else the value itself.
  std::int64_t base = 0;
};

/// Every gauge as of `now`, within a transaction of the storage.
std::vector<Gauge> read_gauges(Transaction& transaction, LabelLimits& limits,
                               const Context& context, const LedgerOptions& options, Timestamp now);

/// Gauges of which a last 0 is written when nothing is left to measure: an alert on the number of
/// active runs must see them go. An age of nothing is no number.
bool ends_with_zero(const telemetry::Descriptor& metric);

}  // namespace walpulse::monitor
