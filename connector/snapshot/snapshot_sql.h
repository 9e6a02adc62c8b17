#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/options/options.h"
#include "decoder/pgoutput/table_options.h"
#include "decoder/schema/change_event.h"

namespace walpulse::connector {

/// Which columns leave the server: those that stay home and lend neither a label nor an error are
/// read as NULL, so that their bulk is not sent. Parallel to the table's columns. Pure, as all
/// here.
std::vector<bool> columns_to_read(const schema::Table& table, const decoder::TableOptions& options);

/// One chunk: rows behind `after` (or from the first on), in the order of their ids.
struct Chunk {
  std::optional<std::int64_t> after;  ///< Exclusive.
  std::size_t rows_max = 0;
};
std::string chunk_sql(const schema::Table& table, std::size_t key, const std::vector<bool>& read,
                      const SnapshotOptions& options, const Chunk& chunk);

/// The ids of the range, as `id`, whatever --where says: its ends are found by the key alone.
std::string ids_sql(const schema::Table& table, std::size_t key, const SnapshotOptions& options);

/// A statement that the server accepts only where `where` is one condition: it stands in it twice,
/// once in parentheses and once without, so that none of it can reach beyond itself. Reads no row.
std::string where_check_sql(const schema::Table& table, const std::string& where);

/// Schema and name that a table has at this moment, whatever the transaction's snapshot sees.
std::string name_sql(Oid table);
/// Holds whichever table is called so, under a lock that keeps its name until the transaction ends.
/// Reads no row.
std::string hold_sql(const schema::Table& table);

/// "walpulse_snapshot_4711_0badcafe", at most 63 bytes.
std::string snapshot_slot_name(const std::string& slot, int pid, std::uint32_t random);

}  // namespace walpulse::connector
