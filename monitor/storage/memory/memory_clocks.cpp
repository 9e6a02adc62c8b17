#include <algorithm>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryClocks final : public ClockStore {
 public:
  explicit MemoryClocks(MemoryUnit& unit) : unit_(unit) {}

  void save_last_end(Timestamp end) override {
    unit_.later([this, end] { unit_.context.last_end = end; });
  }
  void save_intake(IntakeTime clock) override {
    unit_.later([this, clock] { unit_.context.intake = std::max(unit_.context.intake, clock); });
  }
  void note_heard() override {
    unit_.later([this] { ++unit_.context.heard; });
  }

 private:
  MemoryUnit& unit_;
};

}  // namespace

std::unique_ptr<ClockStore> make_memory_clocks(MemoryUnit& unit) {
  return std::make_unique<MemoryClocks>(unit);
}

}  // namespace walpulse::monitor
