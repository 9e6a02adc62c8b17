#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/series.h"

namespace walpulse::monitor {

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
  /// Gives an id to those without. Does not touch what mark_exported() keeps.
  virtual void save(std::span<Series> series) = 0;
  virtual void mark_exported(std::span<const ExportMark> marks) = 0;
  virtual void remove(std::span<const std::int64_t> ids) = 0;
};

}  // namespace walpulse::monitor
