#pragma once

#include <memory>

#include "monitor/storage/memory/memory_unit.h"

namespace walpulse::monitor {

// Each in a file of its own name.
std::unique_ptr<RunStore> make_memory_runs(MemoryUnit& unit);
std::unique_ptr<TableRowStore> make_memory_table_rows(MemoryUnit& unit);
std::unique_ptr<SeriesStore> make_memory_series(MemoryUnit& unit);
std::unique_ptr<LabelStore> make_memory_labels(MemoryUnit& unit);
std::unique_ptr<SourceStore> make_memory_sources(MemoryUnit& unit);
std::unique_ptr<EpochStore> make_memory_epochs(MemoryUnit& unit);
std::unique_ptr<SnapshotStore> make_memory_snapshots(MemoryUnit& unit);
std::unique_ptr<ConnectorStore> make_memory_connectors(MemoryUnit& unit);
std::unique_ptr<ClockStore> make_memory_clocks(MemoryUnit& unit);
std::unique_ptr<RejectedStore> make_memory_rejected(MemoryUnit& unit);
std::unique_ptr<PinStore> make_memory_pins(MemoryUnit& unit);
std::unique_ptr<ProblemStore> make_memory_problems(MemoryUnit& unit);
std::unique_ptr<MuteStore> make_memory_mutes(MemoryUnit& unit);
std::unique_ptr<DailyStore> make_memory_daily(MemoryUnit& unit);
std::unique_ptr<HappeningStore> make_memory_happenings(MemoryUnit& unit);
std::unique_ptr<NoticeStore> make_memory_notices(MemoryUnit& unit, ProblemStore& problems);
std::unique_ptr<DeliveryStore> make_memory_deliveries(MemoryUnit& unit);

}  // namespace walpulse::monitor
