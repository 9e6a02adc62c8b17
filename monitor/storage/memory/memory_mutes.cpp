#include <map>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryMutes final : public MuteStore {
 public:
  explicit MemoryMutes(MemoryUnit& unit) : unit_(unit) {}

  std::vector<Mute> in_force(Timestamp now) override {
    std::vector<Mute> found;
    for (auto at = mutes_.rbegin(); at != mutes_.rend(); ++at)
      if (!at->second.ended && (!at->second.until || *at->second.until > now))
        found.push_back(at->second);
    return found;
  }
  std::vector<Mute> all(std::size_t count_max) override {
    std::vector<Mute> found;
    for (auto at = mutes_.rbegin(); at != mutes_.rend() && found.size() < count_max; ++at)
      found.push_back(at->second);
    return found;
  }
  std::int64_t save(const Mute& mute) override {
    const std::int64_t id = mute.id == 0 ? unit_.next_id() : mute.id;
    unit_.later([this, mute, id] {
      const auto [at, is_new] = mutes_.try_emplace(id, mute);
      Mute& kept = at->second;
      kept.id = id;
      kept.until = mute.until;
      kept.reason = mute.reason;
      if (is_new || kept.ended) return;
      kept.ended = mute.ended;
      kept.ended_by = mute.ended_by;
    });
    return id;
  }

 private:
  MemoryUnit& unit_;
  std::map<std::int64_t, Mute> mutes_;
};

}  // namespace

std::unique_ptr<MuteStore> make_memory_mutes(MemoryUnit& unit) {
  return std::make_unique<MemoryMutes>(unit);
}

}  // namespace walpulse::monitor
