#include <span>
#include <utility>

#include "decoder/mage/tables.h"
#include "monitor/ledger/application/known_triggers.h"
#include "monitor/ledger/ledger_core.h"

/// The triggers and the blocks of runs, as they stand.
namespace walpulse::monitor {

Result<std::vector<KnownTrigger>> LedgerCore::triggers() {
  return read([](Transaction& in, LabelLimits&) {
    std::vector<KnownTrigger> found;
    for (const SourceRow& source : in.context().sources)
      for (KnownTrigger& each : read_triggers(in, source)) found.push_back(std::move(each));
    return found;
  });
}

Result<std::vector<KnownBlock>> LedgerCore::blocks(const std::string& source, std::int64_t run) {
  return read([&](Transaction& in, LabelLimits&) {
    std::vector<KnownBlock> found;
    for (const SourceRow& table : in.context().sources) {
      if (table.name != source || mage::table_of(table.table) != mage::Table::blocks) continue;
      for (const StoredTableRow& stored :
           in.table_rows().of_runs(table.id, std::span(&run, 1), kBlocksShownMax)) {
        if (!is_there(table, stored)) continue;
        const RowEntry& newest = stored.row.entries.back();
        found.push_back({std::get<mage::BlockRun>(*newest.row), newest.commit_time});
      }
    }
    return found;
  });
}

}  // namespace walpulse::monitor
