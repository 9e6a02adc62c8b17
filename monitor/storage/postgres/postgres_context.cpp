#include <algorithm>
#include <string>

#include "monitor/storage/postgres/postgres_schema.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

SourceRow read_source(const PostgresRows& rows, std::size_t i) {
  SourceRow source;
  source.id = rows.number(i, 1);
  source.name = rows.bytes(i, 4);
  source.table = rows.bytes(i, 5);
  if (!rows.is_null(i, 2)) source.last_created = restored(rows.number(i, 2));
  if (!rows.is_null(i, 6)) source.floor = decode_position(rows.bytes(i, 6));
  if (!rows.is_null(i, 11)) source.delivered = decode_position(rows.bytes(i, 11));
  if (!rows.is_null(i, 3)) source.as_of = restored(rows.number(i, 3));
  source.changes = rows.number(i, 9);
  return source;
}

void read_end(const PostgresRows& rows, std::size_t i, Context& context) {
  const auto position = decode_position(rows.bytes(i, 4));
  const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                               [&](const SourceRow& row) { return row.id == rows.number(i, 1); });
  if (position && at != context.sources.end())
    at->ends.push_back(make_end(*position, restored(rows.number(i, 2))));
}

void read_snapshot_end(const PostgresRows& rows, std::size_t i, Context& context) {
  const auto position = decode_position(rows.bytes(i, 4));
  const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                               [&](const SourceRow& row) { return row.id == rows.number(i, 1); });
  if (!position || at == context.sources.end()) return;
  SnapshotEndRow& end = at->snapshot_ends.emplace_back();
  end.position = *position;
  end.time = restored(rows.number(i, 2));
  end.rows = rows.number(i, 3);
  end.complete = rows.flag(i, 8);
  end.from = rows.number(i, 9);
  end.to = rows.number(i, 10);
}

EpochRow read_epoch(const PostgresRows& rows, std::size_t i) {
  EpochRow epoch;
  epoch.epoch = static_cast<std::uint64_t>(rows.number(i, 1));
  epoch.lsn_time = restored(rows.number(i, 2));
  epoch.newest = restored(rows.number(i, 3));
  epoch.name = rows.bytes(i, 4);
  epoch.table = rows.bytes(i, 5);
  epoch.identity.publication = rows.bytes(i, 6);
  epoch.lsn = parse_lsn(rows.text(i, 7)).value_or(Lsn{});
  epoch.standing = static_cast<Standing>(rows.number(i, 9));
  epoch.since = IntakeTime(rows.number(i, 10));
  epoch.identity.follows = decode_follows(rows.bytes(i, 11)).value_or(std::vector<std::uint64_t>{});
  epoch.heartbeat = IntakeTime(rows.number(i, 12));
  epoch.identity.database = rows.bytes(i, 14);
  epoch.identity.system = static_cast<std::uint64_t>(rows.number(i, 13));
  return epoch;
}

}  // namespace

/// All kinds of rows in one answer: of kind 0 the ledger, 1 its sources, 2 their ends, in order of
/// position, 3 the epochs, 4 the ends of snapshots.
Context read_context(PostgresDatabase& database) {
  const auto rows = database.query(
      "SELECT 0, version::bigint, birth, last_end, NULL::bytea AS x, NULL::bytea, NULL::bytea, "
      "NULL::pg_lsn, false, intake, heard, NULL::bytea, NULL::bigint, NULL::bigint, NULL::bytea "
      "FROM ledger "
      "UNION ALL SELECT 1, id, last_created, as_of, name, tbl, floor, NULL, false, changes, NULL, "
      "delivered, NULL, NULL, NULL FROM source "
      "UNION ALL SELECT 2, source, commit_time, NULL, position, NULL, NULL, NULL, false, NULL, "
      "NULL, NULL, NULL, NULL, NULL FROM table_end "
      "UNION ALL SELECT 3, epoch, lsn_time, newest, name, tbl, publication, lsn, false, standing, "
      "since, follows, heartbeat, system, db FROM epoch "
      "UNION ALL SELECT 4, source, time, rows, position, NULL, NULL, NULL, complete, from_id, "
      "to_id, NULL, NULL, NULL, NULL FROM snapshot_end "
      "ORDER BY 1, x, 2");
  Context context;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    switch (rows.number(i, 0)) {
      case 0:
        check_version(database, rows.number(i, 1));
        context.birth = restored(rows.number(i, 2));
        context.last_end = restored(rows.number(i, 3));
        context.intake = IntakeTime(rows.number(i, 9));
        context.heard = rows.number(i, 10);
        break;
      case 1:
        context.sources.push_back(read_source(rows, i));
        break;
      case 2:
        read_end(rows, i, context);
        break;
      case 3:
        context.epochs.push_back(read_epoch(rows, i));
        break;
      default:
        read_snapshot_end(rows, i, context);
    }
  }
  return context;
}

}  // namespace walpulse::monitor
