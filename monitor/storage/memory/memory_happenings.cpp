#include <algorithm>
#include <map>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryHappenings final : public HappeningStore {
 public:
  explicit MemoryHappenings(MemoryUnit& unit) : unit_(unit) {}

  void add(std::span<const Happening> happenings) override {
    std::map<std::int64_t, std::int64_t> ids;  // by source
    for (const Happening& each : happenings) {
      std::int64_t& id = ids[each.source];
      if (id == 0) id = unit_.next_id();
      Happening kept = each;
      kept.id = id;
      unit_.later([this, kept = std::move(kept)] { happenings_.emplace(kept.id, kept); });
    }
  }
  std::vector<Happening> oldest(std::size_t count_max, std::span<const std::int64_t> but) override {
    std::vector<Happening> found;
    for (const auto& [id, happening] : happenings_) {
      if (found.size() >= count_max && (found.empty() || found.back().id != id)) break;
      if (std::ranges::find(but, happening.source) == but.end()) found.push_back(happening);
    }
    return found;
  }
  void remove(std::span<const std::int64_t> ids) override {
    unit_.later([this, ids = std::vector(ids.begin(), ids.end())] {
      for (const std::int64_t id : ids) happenings_.erase(id);
    });
  }
  std::int64_t count() override { return static_cast<std::int64_t>(happenings_.size()); }

 private:
  MemoryUnit& unit_;
  std::multimap<std::int64_t, Happening> happenings_;  ///< By row.
};

}  // namespace

std::unique_ptr<HappeningStore> make_memory_happenings(MemoryUnit& unit) {
  return std::make_unique<MemoryHappenings>(unit);
}

}  // namespace walpulse::monitor
