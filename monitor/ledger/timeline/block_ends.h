#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/schema/change_event.h"
#include "monitor/ledger/timeline/table_row.h"

namespace walpulse::monitor {

/// Whether something of one table had happened when something of another did: positions of two
/// tables are compared by their commits.
bool had_come(const schema::Position& position, const schema::Position& by);

/// A block's step into COMPLETED, FAILED, UPSTREAM_FAILED or CONDITION_FAILED from another status.
/// CANCELLED is none: Mage cancels what is left of a run when that has ended already.
struct BlockEnd {
  std::string_view block;         ///< See block_name().
  std::string_view status;        ///< As both are views, the row must outlive the end.
  std::optional<double> seconds;  ///< How long it ran: see seconds_taken().
};

/// The ends of a block of a run that had not come by `since`, and had by `until`. What a snapshot
/// read, and the first row of a block whose insert is not known, are states: no end, and what
/// follows is compared with them. Pure.
std::vector<BlockEnd> block_ends(const TableRow& row, const schema::Position& since,
                                 const schema::Position& until);

/// The name that Mage's pipeline has for it: "load" also of "load:a", which a dynamic block made,
/// and of "load:orders:0", a part of an integration. `unknown` where there is none.
std::string_view block_name(const std::optional<std::string>& block_uuid);

}  // namespace walpulse::monitor
