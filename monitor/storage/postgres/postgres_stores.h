#pragma once

#include <memory>

#include "monitor/ledger/stores/storage.h"
#include "monitor/storage/pending_work.h"
#include "monitor/storage/postgres/postgres_database.h"

namespace walpulse::monitor {

/// What the stores of one connection share.
struct PostgresUnit {
  PostgresDatabase& database;
  PendingWork pending = {};
  bool reading = false;  ///< This transaction may lock no row.
};

// Each in a file of its own name.
std::unique_ptr<RunStore> make_postgres_runs(PostgresUnit& unit);
std::unique_ptr<TableRowStore> make_postgres_table_rows(PostgresUnit& unit);
std::unique_ptr<SeriesStore> make_postgres_series(PostgresUnit& unit);
std::unique_ptr<LabelStore> make_postgres_labels(PostgresUnit& unit);
std::unique_ptr<SourceStore> make_postgres_sources(PostgresUnit& unit);
std::unique_ptr<EpochStore> make_postgres_epochs(PostgresUnit& unit);
std::unique_ptr<SnapshotStore> make_postgres_snapshots(PostgresUnit& unit);
std::unique_ptr<ConnectorStore> make_postgres_connectors(PostgresUnit& unit);
std::unique_ptr<ClockStore> make_postgres_clocks(PostgresUnit& unit);
std::unique_ptr<RejectedStore> make_postgres_rejected(PostgresUnit& unit);
std::unique_ptr<LeaseStore> make_postgres_lease(PostgresUnit& unit);
std::unique_ptr<PinStore> make_postgres_pins(PostgresUnit& unit);
std::unique_ptr<ProblemStore> make_postgres_problems(PostgresUnit& unit);
std::unique_ptr<MuteStore> make_postgres_mutes(PostgresUnit& unit);
std::unique_ptr<DailyStore> make_postgres_daily(PostgresUnit& unit);
std::unique_ptr<HappeningStore> make_postgres_happenings(PostgresUnit& unit);
std::unique_ptr<NoticeStore> make_postgres_notices(PostgresUnit& unit);
std::unique_ptr<DeliveryStore> make_postgres_deliveries(PostgresUnit& unit);

/// All that every transaction reads first, of whichever table, in one statement.
Context read_context(PostgresDatabase& database);

}  // namespace walpulse::monitor
