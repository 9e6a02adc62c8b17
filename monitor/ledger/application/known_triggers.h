#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/ledger_reader.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Whether a row of `source`, be it a trigger or a block, is there as it stands: neither deleted,
/// nor ended by a truncate or by a snapshot that did not find it.
bool is_there(const SourceRow& source, const StoredTableRow& stored);

/// The triggers that are there, by id, of `source` as the transaction's Context has it. They are
/// the same as before while SourceRow::changes is. Empty where it is no table of triggers.
std::vector<KnownTrigger> read_triggers(Transaction& in, const SourceRow& source);

/// The table of runs beside one of triggers: `pipeline_run`, else another table of the same schema
/// that a connector was told to take for it. Null where there is none. Refers to `context`.
const SourceRow* runs_beside(const Context& context, const SourceRow& triggers);

/// What a trigger of the runs of `runs` is called (pipeline_schedule.name), or was last called
/// before it was deleted. Nothing where it is not known. One row is read.
std::optional<std::string> trigger_name(Transaction& in, const Context& context,
                                        const SourceRow& runs, std::int64_t trigger);

}  // namespace walpulse::monitor
