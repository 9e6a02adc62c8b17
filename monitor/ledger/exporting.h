#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "monitor/ledger/counting/gauges.h"
#include "monitor/ledger/export_queue.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Everything that is measured, metric by metric in the order of all_descriptors().
telemetry::MetricFamilies make_snapshot(const std::vector<Series>& series,
                                        const std::vector<Gauge>& gauges, Timestamp taken);

/// A later end than every one before: at least `gap_min`, and two milliseconds after it, since a
/// series that begins anew starts one after the old end, and must end after that.
Timestamp next_end(const Context& context, std::chrono::seconds gap_min, Timestamp now);

/// What is due at `end`, but for what is only scraped. Keeps what the storage must know of each
/// gauge, and takes out those that are no more. Within a transaction.
std::vector<DuePoint> due_points(Transaction& transaction, std::vector<Gauge> gauges,
                                 const LedgerOptions& options, Timestamp end);

}  // namespace walpulse::monitor
