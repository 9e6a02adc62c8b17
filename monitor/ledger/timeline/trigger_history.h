#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "decoder/mage/pipeline_schedule.h"
#include "monitor/ledger/timeline/table_row.h"
#include "monitor/schedule/trigger.h"

/// What the entries of one trigger come to. Pure; `row` and `entries` are of a trigger.
namespace walpulse::monitor {

/// A trigger of more changes loses some: see trim_trigger.
inline constexpr std::size_t kTriggerEntriesMax = 64;

/// The trigger as it stands, with the settings that it had before where the newest change left them
/// out; nothing where it was deleted.
std::optional<mage::PipelineSchedule> current_trigger(const TableRow& row);

/// What it expects as it stands, and since when it is known to: the commit of the first of the
/// entries up to the newest that all expect the same. An insert is the first of its own, whatever
/// came before it: then a delete did not come, or a truncate did. Nothing where it was deleted.
std::optional<Trigger> current_expectation(const TableRow& row);

/// Where there is one entry more than are kept the oldest goes that nothing depends on. These stay:
/// the newest; the first one that expects what the newest does; the one before that, which expects
/// something else; and those that say the settings of these. So a trigger that is written again
/// and again, as by a scheduler that is started over and over, keeps since when it is known. That
/// depends on no order of arrival, but where a change comes after some sixty later ones.
void trim_trigger(std::vector<RowEntry>& entries);

}  // namespace walpulse::monitor
