#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryNotices final : public NoticeStore {
 public:
  MemoryNotices(MemoryUnit& unit, ProblemStore& problems) : unit_(unit), problems_(problems) {}

  std::int64_t add(const Notice& notice) override {
    Notice kept = notice;
    kept.id = unit_.next_id();
    const std::int64_t id = kept.id;
    unit_.later([this, kept = std::move(kept)] { notices_.emplace(kept.id, kept); });
    return id;
  }
  std::vector<Notice> waiting(const std::string& channel, std::size_t count_max,
                              std::int64_t after) override {
    return those(count_max, [&](const Notice& notice) {
      return !notice.delivery && notice.channel == channel && notice.id > after;
    });
  }
  std::size_t waiting_of(std::span<const std::int64_t> ids) override {
    return static_cast<std::size_t>(std::ranges::count_if(ids, [&](std::int64_t id) {
      const auto at = notices_.find(id);
      return at != notices_.end() && !at->second.delivery;
    }));
  }
  std::vector<Waiting> channels() override {
    std::map<std::string, Waiting> channels;
    for (const auto& [id, notice] : notices_) {
      if (notice.delivery) continue;
      const auto [at, is_new] =
          channels.try_emplace(notice.channel, Waiting{notice.channel, 0, notice.noted});
      ++at->second.count;
      at->second.oldest = std::min(at->second.oldest, notice.noted);
    }
    std::vector<Waiting> found;
    found.reserve(channels.size());
    for (auto& [name, channel] : channels) found.push_back(std::move(channel));
    return found;
  }
  void attach(std::span<const std::int64_t> ids, std::int64_t delivery) override {
    unit_.later([this, ids = std::vector(ids.begin(), ids.end()), delivery] {
      for (const std::int64_t id : ids)
        if (const auto at = notices_.find(id); at != notices_.end()) at->second.delivery = delivery;
    });
  }
  bool is_outdated(std::int64_t delivery) override {
    const auto told =
        those(notices_.size(), [&](const Notice& notice) { return notice.delivery == delivery; });
    const std::set<std::int64_t> open = ids_of_open();
    return !told.empty() && std::ranges::all_of(told, [&](const Notice& notice) {
      return notice.problem.id != 0 && notice.phase != Notice::Phase::closed &&
             !open.contains(notice.problem.id);
    });
  }
  std::vector<Notice> of_problem(std::int64_t problem) override {
    return those(notices_.size(),
                 [&](const Notice& notice) { return notice.problem.id == problem; });
  }
  std::vector<Notice> newest_of(std::span<const std::int64_t> problems,
                                std::size_t count_max) override {
    std::vector<Notice> found;
    for (const std::int64_t problem : problems) {
      auto all = of_problem(problem);
      std::ranges::reverse(all);
      if (all.size() > count_max) all.erase(all.begin() + std::ptrdiff_t(count_max), all.end());
      for (Notice& notice : all) {
        notice.problem = {};
        notice.problem.id = problem;
        found.push_back(std::move(notice));
      }
    }
    return found;
  }
  std::size_t remove(Timestamp noted_before, std::size_t count_max) override {
    const std::set<std::int64_t> open = ids_of_open();
    std::vector<std::int64_t> old;
    for (const Notice& each : those(count_max, [&](const Notice& notice) {
           return notice.noted < noted_before && !open.contains(notice.problem.id);
         }))
      old.push_back(each.id);
    const std::size_t count = old.size();
    unit_.later([this, old = std::move(old)] {
      for (const std::int64_t id : old) notices_.erase(id);
    });
    return count;
  }

 private:
  std::set<std::int64_t> ids_of_open() {
    std::set<std::int64_t> open;
    for (const Problem& problem : problems_.open()) open.insert(problem.id);
    return open;
  }
  template <class Wanted>
  std::vector<Notice> those(std::size_t count_max, const Wanted& wanted) const {
    std::vector<Notice> found;
    for (const auto& [id, notice] : notices_) {
      if (found.size() == count_max) break;
      if (wanted(notice)) found.push_back(notice);
    }
    return found;
  }

  MemoryUnit& unit_;
  ProblemStore& problems_;
  std::map<std::int64_t, Notice> notices_;
};

}  // namespace

std::unique_ptr<NoticeStore> make_memory_notices(MemoryUnit& unit, ProblemStore& problems) {
  return std::make_unique<MemoryNotices>(unit, problems);
}

}  // namespace walpulse::monitor
