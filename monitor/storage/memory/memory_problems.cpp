#include <algorithm>
#include <map>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryProblems final : public ProblemStore {
 public:
  explicit MemoryProblems(MemoryUnit& unit) : unit_(unit) {}

  std::vector<Problem> open() override {
    std::vector<Problem> found;
    for (const auto& [id, problem] : problems_)
      if (!problem.closed) found.push_back(problem);
    return found;
  }
  std::vector<Problem> closed(std::size_t count_max) override {
    std::vector<Problem> found;
    for (const auto& [id, problem] : problems_)
      if (problem.closed) found.push_back(problem);
    std::ranges::sort(found, [](const Problem& a, const Problem& b) {
      return std::pair(*a.closed, a.id) > std::pair(*b.closed, b.id);
    });
    if (found.size() > count_max) found.resize(count_max);
    return found;
  }
  std::int64_t save(const Problem& problem) override {
    const std::int64_t id = problem.id == 0 ? unit_.next_id() : problem.id;
    unit_.later([this, problem, id] {
      problems_[id] = problem;
      problems_[id].id = id;
    });
    return id;
  }
  void remove(Timestamp closed_before) override {
    unit_.later([this, closed_before] {
      std::erase_if(problems_, [closed_before](const auto& each) {
        return each.second.closed && *each.second.closed < closed_before;
      });
    });
  }

 private:
  MemoryUnit& unit_;
  std::map<std::int64_t, Problem> problems_;
};

}  // namespace

std::unique_ptr<ProblemStore> make_memory_problems(MemoryUnit& unit) {
  return std::make_unique<MemoryProblems>(unit);
}

}  // namespace walpulse::monitor
