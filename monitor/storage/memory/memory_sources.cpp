#include <algorithm>
#include <map>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemorySources final : public SourceStore {
 public:
  explicit MemorySources(MemoryUnit& unit) : unit_(unit) {}

  void save(SourceRow& source) override {
    if (source.id == 0) source.id = unit_.next_id();
    unit_.later([this, source] {
      SourceRow& row = unit_.source(source.id);
      row.id = source.id;
      row.name = source.name;
      row.table = source.table;
      row.last_created = std::max(row.last_created, source.last_created);
    });
  }
  void add_end(std::int64_t source, const Entry& end) override {
    unit_.later([this, source, end] { insert(unit_.source(source).ends, end); });
  }
  void save_floor(std::int64_t source, const schema::Position& floor) override {
    unit_.later([this, source, floor] {
      SourceRow& row = unit_.source(source);
      row.floor = std::max(row.floor, std::optional(floor));
    });
  }
  std::string watermark(std::int64_t source) override { return watermarks_[source]; }
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered, Timestamp as_of) override {
    unit_.later([this, source, state, delivered, as_of] {
      watermarks_[source] = state;
      SourceRow& row = unit_.source(source);
      row.delivered = delivered;
      if (as_of != Timestamp{}) row.as_of = std::max(row.as_of, std::optional(as_of));
    });
  }
  void count_change(std::int64_t source) override {
    unit_.later([this, source] { ++unit_.source(source).changes; });
  }

 private:
  MemoryUnit& unit_;
  std::map<std::int64_t, std::string> watermarks_;
};

}  // namespace

std::unique_ptr<SourceStore> make_memory_sources(MemoryUnit& unit) {
  return std::make_unique<MemorySources>(unit);
}

}  // namespace walpulse::monitor
