#pragma once

#include <string>
#include <vector>

#include "monitor/ledger/stores/deliveries.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// `walpulse-monitor deliveries list|retry|drop`. The exit code.
int deliveries(const ServeOptions& options);

/// A line for each, and one for what was answered last.
std::string deliveries_text(const std::vector<Delivery>& deliveries);
/// One JSON object a delivery, without its content.
std::string deliveries_json(const std::vector<Delivery>& deliveries);

}  // namespace walpulse::monitor
