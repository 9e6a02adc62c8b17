#include "monitor/storage/memory/memory_storage.h"

#include "monitor/storage/memory/memory_stores.h"
#include "monitor/storage/single_writer_lease.h"

namespace walpulse::monitor {
namespace {

Stores stores_in(MemoryUnit& unit) {
  Stores stores;
  stores.runs = make_memory_runs(unit);
  stores.table_rows = make_memory_table_rows(unit);
  stores.series = make_memory_series(unit);
  stores.labels = make_memory_labels(unit);
  stores.sources = make_memory_sources(unit);
  stores.epochs = make_memory_epochs(unit);
  stores.snapshots = make_memory_snapshots(unit);
  stores.connectors = make_memory_connectors(unit);
  stores.clocks = make_memory_clocks(unit);
  stores.rejected = make_memory_rejected(unit);
  stores.lease = std::make_unique<SingleWriterLease>();
  stores.pins = make_memory_pins(unit);
  stores.problems = make_memory_problems(unit);
  stores.mutes = make_memory_mutes(unit);
  stores.daily = make_memory_daily(unit);
  stores.happenings = make_memory_happenings(unit);
  stores.notices = make_memory_notices(unit, *stores.problems);
  stores.deliveries = make_memory_deliveries(unit);
  return stores;
}

class MemoryTransaction final : public Transaction {
 public:
  explicit MemoryTransaction(MemoryUnit& unit) : Transaction(stores_in(unit)), unit_(unit) {}
  Context context() override { return unit_.context; }
  void claim(Claim) override {}  // there is nobody to shut out
  void touch() override {}

 private:
  MemoryUnit& unit_;
};

class MemoryStorage final : public Storage {
 public:
  explicit MemoryStorage(Timestamp birth) : unit_(birth), transaction_(unit_) {}

  Result<void> begin(Intent) override {
    unit_.rollback();
    return {};
  }
  Result<void> so_far() override { return {}; }
  Result<void> commit() override {
    unit_.commit();
    return {};
  }
  void rollback() override { unit_.rollback(); }
  Transaction& transaction() override { return transaction_; }

 private:
  MemoryUnit unit_;
  MemoryTransaction transaction_;
};

}  // namespace

std::unique_ptr<Storage> make_memory_storage(Timestamp birth) {
  return std::make_unique<MemoryStorage>(birth);
}

}  // namespace walpulse::monitor
