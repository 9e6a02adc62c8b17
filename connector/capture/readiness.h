#pragma once

#include <chrono>
#include <string>

#include "connector/capture/shared_status.h"

namespace walpulse::connector {

struct ReadinessOptions {
  std::chrono::seconds stall_max{30};
  std::chrono::seconds sink_trouble_max{30};
};

struct Readiness {
  bool ready = false;
  std::string reason;  ///< "streaming", "standby", or what is wrong.
};

/// Ready means progress, or waiting as a standby. A walsender deep in a huge transaction or in
/// another database's WAL sends nothing for minutes, but answers when asked: it is catching up. One
/// that neither sends nor answers is stalled. Pure.
Readiness readiness(const ConnectorStatus& status, Clock::time_point now,
                    const ReadinessOptions& options = {});

/// The body of /health: readiness, state, positions and counters as JSON.
std::string health_json(const ConnectorStatus& status, Clock::time_point now);

}  // namespace walpulse::connector
