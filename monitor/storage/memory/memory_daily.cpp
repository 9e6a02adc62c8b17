#include <map>
#include <string>
#include <tuple>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryDaily final : public DailyStore {
 public:
  explicit MemoryDaily(MemoryUnit& unit) : unit_(unit) {}

  void add(std::int64_t source, const std::string& pipeline, const DailyFigures& figures) override {
    unit_.later([this, key = Key(source, pipeline, figures.day), figures] {
      DailyFigures& kept = days_[key];
      kept.day = figures.day;
      kept.completed += figures.completed;
      kept.failed += figures.failed;
      kept.cancelled += figures.cancelled;
      kept.durations.add(figures.durations);
    });
  }
  std::vector<DailyFigures> of(std::int64_t source, const std::string& pipeline,
                               std::chrono::sys_days from, std::chrono::sys_days to) override {
    std::vector<DailyFigures> found;
    const Key last(source, pipeline, to);
    for (auto at = days_.lower_bound({source, pipeline, from});
         at != days_.end() && at->first <= last; ++at)
      found.push_back(at->second);
    return found;
  }
  void remove(std::int64_t source, std::chrono::sys_days before) override {
    unit_.later([this, source, before] {
      std::erase_if(days_, [&](const auto& each) {
        return std::get<0>(each.first) == source && each.second.day < before;
      });
    });
  }

 private:
  using Key = std::tuple<std::int64_t, std::string, std::chrono::sys_days>;

  MemoryUnit& unit_;
  std::map<Key, DailyFigures> days_;
};

}  // namespace

std::unique_ptr<DailyStore> make_memory_daily(MemoryUnit& unit) {
  return std::make_unique<MemoryDaily>(unit);
}

}  // namespace walpulse::monitor
