#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryConnectors final : public ConnectorStore {
 public:
  explicit MemoryConnectors(MemoryUnit& unit) : unit_(unit) {}

  std::vector<ConnectorRow> all() override { return rows_; }
  void save(const ConnectorRow& connector) override {
    unit_.later([this, connector] {
      row_of(rows_, [&](const ConnectorRow& row) {
        return row.name == connector.name && row.instance == connector.instance &&
               row.started_at == connector.started_at;
      }) = connector;
    });
  }
  void remove(Timestamp sent_before) override {
    unit_.later([this, sent_before] {
      std::erase_if(rows_, [&](const auto& row) { return row.sent_at < sent_before; });
    });
  }

 private:
  MemoryUnit& unit_;
  std::vector<ConnectorRow> rows_;
};

}  // namespace

std::unique_ptr<ConnectorStore> make_memory_connectors(MemoryUnit& unit) {
  return std::make_unique<MemoryConnectors>(unit);
}

}  // namespace walpulse::monitor
