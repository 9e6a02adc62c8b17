#include "monitor/ledger/application/known_triggers.h"

#include <algorithm>
#include <utility>

#include "decoder/mage/tables.h"
#include "monitor/ledger/application/snapshots.h"
#include "monitor/ledger/timeline/trigger_history.h"

namespace walpulse::monitor {
namespace {

/// In one read of the storage.
constexpr std::size_t kTriggersPage = 1000;

}  // namespace

bool is_there(const SourceRow& source, const StoredTableRow& stored) {
  return !stored.row.entries.empty() && !is_deleted(stored.row) &&
         !was_ended(source, stored.key.id, stored.row.entries.back().position);
}

std::vector<KnownTrigger> read_triggers(Transaction& in, const SourceRow& source) {
  std::vector<KnownTrigger> found;
  if (mage::table_of(source.table) != mage::Table::triggers) return found;
  for (RowKey last{source.id, INT64_MIN};;) {
    const auto page = in.table_rows().after(last, kTriggersPage);
    for (const StoredTableRow& stored : page) {
      if (stored.key.source != source.id) return found;
      if (!is_there(source, stored)) continue;
      auto trigger = current_trigger(stored.row);
      auto expectation = current_expectation(stored.row);
      if (trigger && expectation)
        found.push_back({source.id, source.name, source.table, *std::move(trigger),
                         *std::move(expectation), stored.row.entries.back().commit_time});
    }
    if (page.size() < kTriggersPage) return found;
    last = page.back().key;
  }
}

const SourceRow* runs_beside(const Context& context, const SourceRow& triggers) {
  const std::string name = mage::beside(triggers.table, mage::kRunTable);
  const SourceRow* other = nullptr;
  for (const SourceRow& row : context.sources) {
    if (row.name != triggers.name || mage::table_of(row.table) != mage::Table::runs) continue;
    if (row.table == name) return &row;
    if (mage::beside(row.table, mage::kRunTable) == name) other = &row;
  }
  return other;
}

std::optional<std::string> trigger_name(Transaction& in, const Context& context,
                                        const SourceRow& runs, std::int64_t trigger) {
  const auto triggers = std::ranges::find_if(context.sources, [&](const SourceRow& row) {
    return mage::table_of(row.table) == mage::Table::triggers && runs_beside(context, row) == &runs;
  });
  if (triggers == context.sources.end()) return std::nullopt;
  const RowKey key{triggers->id, trigger};
  if (key.id == INT64_MIN) return std::nullopt;  // no row comes before it
  const auto stored = in.table_rows().after({key.source, key.id - 1}, 1);
  if (stored.empty() || stored.front().key != key) return std::nullopt;
  const mage::Row* row = newest_row(stored.front().row);
  const auto* known = row == nullptr ? nullptr : std::get_if<mage::PipelineSchedule>(row);
  return known == nullptr ? std::nullopt : known->name;
}

}  // namespace walpulse::monitor
