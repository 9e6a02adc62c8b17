#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

struct SeriesKey {
  const telemetry::Descriptor* metric = nullptr;
  std::string source;  ///< The source's name.
  telemetry::Labels labels;
  bool operator==(const SeriesKey& other) const { return (*this <=> other) == 0; }
  std::strong_ordering operator<=>(const SeriesKey& other) const {
    if (metric != other.metric) {
      const auto by_name = metric->name <=> other.metric->name;
      if (by_name != 0) return by_name;
    }
    if (const auto by_source = source <=> other.source; by_source != 0) return by_source;
    return labels <=> other.labels;
  }
};

/// One series of the ledger and how far it was exported. Gauges keep a row too, without a value:
/// what the ledger must remember of them is what was written last.
struct Series {
  std::int64_t id = 0;  ///< Given by the storage; zero: not stored yet.
  SeriesKey key;
  telemetry::Number value;    ///< Counters only.
  Timestamp start;            ///< Counters only: when the count was zero.
  std::int64_t base = 0;      ///< Gauges only: what a change of which makes the gauge due.
  std::uint64_t version = 0;  ///< Rises with every change.
  std::uint64_t exported_version = 0;
  Timestamp exported_at;
};

struct ExportMark {
  std::int64_t series = 0;
  std::uint64_t version = 0;
  Timestamp at;
};

/// The series, and how far each was exported.
class SeriesStore {
 public:
  virtual ~SeriesStore() = default;
  /// Parallel to `keys`, which are sorted and unique; unknown ones come with id zero.
  virtual std::vector<Series> load(std::span<const SeriesKey> keys) = 0;
  virtual std::vector<Series> all() = 0;
  /// All of one metric, not locked, in no order.
  virtual std::vector<Series> of(const telemetry::Descriptor& metric) = 0;
  /// Gives an id to those without. Does not touch what mark_exported() keeps.
  virtual void save(std::span<Series> series) = 0;
  virtual void mark_exported(std::span<const ExportMark> marks) = 0;
  virtual void remove(std::span<const std::int64_t> ids) = 0;
};

}  // namespace walpulse::monitor
