#pragma once

#include <vector>

#include "decoder/schema/heartbeat.h"
#include "monitor/ledger/ledger.h"
#include "monitor/ledger/series_changes.h"
#include "monitor/ledger/storage.h"

namespace walpulse::monitor {

/// The latest heartbeat of each connector process, and what its counters add to the series.
class ConnectorBook {
 public:
  ConnectorBook(Storage& storage, Timestamp birth, Timestamp now);

  /// An older or known sequence says nothing new. A process that started before the ledger was born
  /// is counted from its first heartbeat on.
  Outcome apply(const schema::Heartbeat& heartbeat, const std::string& json,
                SeriesChanges& changes);

 private:
  Storage& storage_;
  const Timestamp birth_;
  const Timestamp now_;
  std::vector<ConnectorRow> rows_;
};

/// Per source the row whose heartbeat was sent last.
std::vector<const ConnectorRow*> newest_per_source(const std::vector<ConnectorRow>& rows);

}  // namespace walpulse::monitor
