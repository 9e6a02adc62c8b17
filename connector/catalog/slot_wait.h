#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "connector/catalog/catalog_facts.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// "pid 4711 user=mage application=mage-ai database=mage open for 12 s".
std::string describe(const OtherTransaction& transaction);

/// Why making the slot did not end in time, and what to do.
Error slot_timeout_error(const std::string& slot, std::chrono::milliseconds timeout,
                         const std::vector<OtherTransaction>& transactions);

}  // namespace walpulse::connector
