#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/ledger/stores/series.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// What one transaction adds to the series, collected first so that each series is read, locked and
/// written once.
class SeriesChanges {
 public:
  void count(const telemetry::Descriptor& metric, const std::string& source,
             telemetry::Labels labels, std::int64_t by = 1);
  /// Adds one observation to a distribution with these bounds.
  void observe(const telemetry::Descriptor& metric, const std::string& source,
               telemetry::Labels labels, double value, const std::vector<double>& bounds);
  /// Adds a difference of the metric's own type.
  void add(SeriesKey key, const telemetry::Number& difference);

  /// A new series starts at `last_end`, the end of the export before its first observation. One
  /// whose bounds changed starts anew, a millisecond later, since Cloud Monitoring wants a new
  /// interval to begin at least that long after the old one's end.
  void apply(Transaction& transaction, Timestamp last_end) const;

 private:
  std::map<SeriesKey, telemetry::Number> changes_;
};

}  // namespace walpulse::monitor
