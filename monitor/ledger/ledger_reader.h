#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// One epoch of one table of a source.
struct KnownEpoch {
  std::string name;
  std::string table;
  std::uint64_t epoch = 0;
  std::string_view standing;  ///< "waits", "accepted", "refused", "conflicted".
  std::uint64_t system = 0;   ///< Zero: it was not said.
  std::string database;
  std::string publication;
  std::vector<std::uint64_t> follows;
  Timestamp newest;  ///< The greatest commit time seen of it.
};

/// What whoever shows the ledger asks of it. Each call is one consistent picture, which has all
/// that was applied before; where the storage allows it, nothing that is applied waits for it.
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;
  /// Every series and gauge as of `now`.
  virtual Result<telemetry::MetricFamilies> snapshot(Timestamp now) = 0;
  /// The epochs that the ledger has heard of.
  virtual Result<std::vector<KnownEpoch>> epochs() = 0;
};

}  // namespace walpulse::monitor
