#include <map>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryLabels final : public LabelStore {
 public:
  explicit MemoryLabels(MemoryUnit& unit) : unit_(unit) {}

  std::set<std::string> values(const std::string& label) override {
    const auto at = values_.find(label);
    return at == values_.end() ? std::set<std::string>() : at->second;
  }
  void add(const std::string& label, const std::string& value) override {
    unit_.later([this, label, value] { values_[label].insert(value); });
  }

 private:
  MemoryUnit& unit_;
  std::map<std::string, std::set<std::string>> values_;
};

}  // namespace

std::unique_ptr<LabelStore> make_memory_labels(MemoryUnit& unit) {
  return std::make_unique<MemoryLabels>(unit);
}

}  // namespace walpulse::monitor
