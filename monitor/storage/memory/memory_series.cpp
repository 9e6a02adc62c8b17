#include <map>
#include <tuple>
#include <utility>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemorySeries final : public SeriesStore {
 public:
  explicit MemorySeries(MemoryUnit& unit) : unit_(unit) {}

  std::vector<Series> load(std::span<const SeriesKey> keys) override {
    std::vector<Series> found(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto at = ids_.find(keys[i]);
      if (at != ids_.end()) found[i] = series_.at(at->second);
      found[i].key = keys[i];
    }
    return found;
  }
  std::vector<Series> all() override {
    std::vector<Series> found;
    for (const auto& [id, series] : series_) found.push_back(series);
    return found;
  }
  std::vector<Series> of(const telemetry::Descriptor& metric) override {
    std::vector<Series> found;
    const SeriesKey first{&metric, {}, {}};
    for (auto at = ids_.lower_bound(first); at != ids_.end() && at->first.metric == &metric; ++at)
      found.push_back(series_.at(at->second));
    return found;
  }
  void save(std::span<Series> series) override {
    for (Series& each : series) {
      if (each.id == 0) each.id = unit_.next_id();
      unit_.later([this, each] {
        ids_[each.key] = each.id;
        Series& row = series_[each.id];
        const auto exported = std::pair(row.exported_version, row.exported_at);
        row = each;
        std::tie(row.exported_version, row.exported_at) = exported;
      });
    }
  }
  void mark_exported(std::span<const ExportMark> marks) override {
    for (const ExportMark& mark : marks) {
      unit_.later([this, mark] {
        const auto at = series_.find(mark.series);
        if (at == series_.end()) return;
        at->second.exported_version = mark.version;
        at->second.exported_at = mark.at;
      });
    }
  }
  void remove(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids) {
      unit_.later([this, id] {
        const auto at = series_.find(id);
        if (at == series_.end()) return;
        ids_.erase(at->second.key);
        series_.erase(at);
      });
    }
  }

 private:
  MemoryUnit& unit_;
  std::map<std::int64_t, Series> series_;
  std::map<SeriesKey, std::int64_t> ids_;
};

}  // namespace

std::unique_ptr<SeriesStore> make_memory_series(MemoryUnit& unit) {
  return std::make_unique<MemorySeries>(unit);
}

}  // namespace walpulse::monitor
