#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// One connector process, by its latest heartbeat.
struct ConnectorRow {
  std::string name;
  std::string instance;
  Timestamp started_at;
  std::uint64_t sequence = 0;
  Timestamp sent_at;
  std::string heartbeat;  ///< JSON.
};

/// The connectors that were heard of. Claim::connectors shuts out whoever else hears of one.
class ConnectorStore {
 public:
  virtual ~ConnectorStore() = default;
  virtual std::vector<ConnectorRow> all() = 0;
  /// Kept once for each name, instance and start.
  virtual void save(const ConnectorRow& connector) = 0;
  virtual void remove(Timestamp sent_before) = 0;
};

}  // namespace walpulse::monitor
