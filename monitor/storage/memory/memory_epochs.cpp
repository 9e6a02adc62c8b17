#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

bool same_session(const StayRow& a, const StayRow& b) {
  return a.session == b.session && a.instance == b.instance;
}

class MemoryEpochs final : public EpochStore {
 public:
  explicit MemoryEpochs(MemoryUnit& unit) : unit_(unit) {}

  void save(const EpochRow& epoch) override {
    unit_.later([this, epoch] {
      row_of(unit_.context.epochs, [&](const EpochRow& row) {
        return row.epoch == epoch.epoch && row.name == epoch.name && row.table == epoch.table;
      }) = epoch;
    });
  }
  std::vector<StayRow> stays(const EpochRow& epoch) override { return stays_[key_of(epoch)]; }
  void save_stay(const EpochRow& epoch, const StayRow& stay) override {
    unit_.later([this, key = key_of(epoch), stay] {
      row_of(stays_[key], [&](const StayRow& row) { return same_session(row, stay); }) = stay;
    });
  }
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override {
    unit_.later([this, key = key_of(epoch), stay] {
      std::erase_if(stays_[key], [&](const StayRow& row) { return same_session(row, stay); });
    });
  }

 private:
  using Key = std::tuple<std::string, std::string, std::uint64_t>;
  static Key key_of(const EpochRow& epoch) { return {epoch.name, epoch.table, epoch.epoch}; }

  MemoryUnit& unit_;
  std::map<Key, std::vector<StayRow>> stays_;
};

}  // namespace

std::unique_ptr<EpochStore> make_memory_epochs(MemoryUnit& unit) {
  return std::make_unique<MemoryEpochs>(unit);
}

}  // namespace walpulse::monitor
