#pragma once

#include <vector>

#include "decoder/schema/heartbeat.h"
#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// The latest heartbeat of each connector process, and what its counters add to the series. Where
/// only the sequence is known of a process, its counters go on from the next heartbeat.
class ConnectorRegistry {
 public:
  ConnectorRegistry(Transaction& transaction, Timestamp birth, Timestamp now);

  /// An older or known sequence says nothing new. A process that started before the ledger was born
  /// is counted from its first heartbeat on.
  Outcome apply(const schema::Heartbeat& heartbeat, const std::string& json,
                SeriesChanges& changes);

 private:
  Transaction& transaction_;
  const Timestamp birth_;
  const Timestamp now_;
  std::vector<ConnectorRow> rows_;
};

/// Those rows, their heartbeats taken out, that say no more than which were seen: a process of the
/// same source and table has sent a day later ones, and knows how far all is delivered. Heartbeats
/// are read at every look at the gauges, and each start of a connector leaves a row for a month.
std::vector<ConnectorRow> without_heartbeats(const std::vector<ConnectorRow>& rows);

}  // namespace walpulse::monitor
