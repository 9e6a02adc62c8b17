#pragma once

#include <cstdint>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor::reading {

/// Change events that came to the ledger since it was made, by all instances together.
struct EventFigures {
  std::uint64_t processed = 0;  ///< All, those known before among them.
  std::uint64_t rejected = 0;   ///< Of these: kept aside, since they could not be counted.
};

/// As event/processed_count says it.
EventFigures event_figures(Transaction& in);

}  // namespace walpulse::monitor::reading
