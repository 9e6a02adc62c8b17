#pragma once

#include <memory>

#include "monitor/ledger/stores/storage.h"
#include "monitor/storage/sqlite/sqlite_database.h"

namespace walpulse::monitor {

// Each in a file of its own name.
std::unique_ptr<RunStore> make_sqlite_runs(SqliteDatabase& database);
std::unique_ptr<TableRowStore> make_sqlite_table_rows(SqliteDatabase& database);
std::unique_ptr<SeriesStore> make_sqlite_series(SqliteDatabase& database);
std::unique_ptr<LabelStore> make_sqlite_labels(SqliteDatabase& database);
std::unique_ptr<SourceStore> make_sqlite_sources(SqliteDatabase& database);
std::unique_ptr<EpochStore> make_sqlite_epochs(SqliteDatabase& database);
std::unique_ptr<SnapshotStore> make_sqlite_snapshots(SqliteDatabase& database);
std::unique_ptr<ConnectorStore> make_sqlite_connectors(SqliteDatabase& database);
std::unique_ptr<ClockStore> make_sqlite_clocks(SqliteDatabase& database);
std::unique_ptr<RejectedStore> make_sqlite_rejected(SqliteDatabase& database);
std::unique_ptr<PinStore> make_sqlite_pins(SqliteDatabase& database);
std::unique_ptr<ProblemStore> make_sqlite_problems(SqliteDatabase& database);
std::unique_ptr<MuteStore> make_sqlite_mutes(SqliteDatabase& database);
std::unique_ptr<DailyStore> make_sqlite_daily(SqliteDatabase& database);
std::unique_ptr<HappeningStore> make_sqlite_happenings(SqliteDatabase& database);
std::unique_ptr<NoticeStore> make_sqlite_notices(SqliteDatabase& database);
std::unique_ptr<DeliveryStore> make_sqlite_deliveries(SqliteDatabase& database);

// What they keep that every transaction reads first.
void read_sources(SqliteDatabase& database, Context& context);
void read_snapshot_ends(SqliteDatabase& database, Context& context);
void read_epochs(SqliteDatabase& database, Context& context);
void read_clocks(SqliteDatabase& database, Context& context);

}  // namespace walpulse::monitor
