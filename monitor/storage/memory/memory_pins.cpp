#include <map>
#include <string>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryPins final : public PinStore {
 public:
  explicit MemoryPins(MemoryUnit& unit) : unit_(unit) {}

  std::string value(const std::string& name) override {
    const auto at = values_.find(name);
    return at == values_.end() ? std::string() : at->second;
  }
  std::map<std::string, std::string> beginning(const std::string& prefix) override {
    std::map<std::string, std::string> found;
    for (auto at = values_.lower_bound(prefix);
         at != values_.end() && at->first.starts_with(prefix); ++at)
      found.insert(*at);
    return found;
  }
  void pin(const std::string& name, const std::string& value) override {
    unit_.later([this, name, value] { values_[name] = value; });
  }

 private:
  MemoryUnit& unit_;
  std::map<std::string, std::string> values_;
};

}  // namespace

std::unique_ptr<PinStore> make_memory_pins(MemoryUnit& unit) {
  return std::make_unique<MemoryPins>(unit);
}

}  // namespace walpulse::monitor
