#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "monitor/ledger/stores/table_rows.h"
#include "monitor/storage/string_interner.h"

namespace walpulse::monitor {

/// A trigger's or a block's row as bytes, the same in every storage that lasts: an entry takes
/// some 15 bytes, since most of what it says is what the entry before it said. With `texts`, which
/// must then be given to read it too, its names stand there.
std::string encode_table_row(const TableRow& row, StringInterner* texts = nullptr);
/// A row that stood in a storage as these bytes.
std::optional<StoredTableRow> stored_table_row(const RowKey& key, std::string_view bytes,
                                               const StringInterner* texts = nullptr);

}  // namespace walpulse::monitor
