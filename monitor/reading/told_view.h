#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor::reading {

/// What became of telling one place of one problem.
struct ToldPlace {
  std::string channel;
  std::string target;     ///< Within the channel; empty: it has one place only.
  std::string_view type;  ///< Of the channel; empty: the rules in force do not name it.
  /// Of what is to be told last: "collected", "not_told" (it was over before it could be told), or
  /// the state of the delivery that tells it.
  std::string_view state;
  std::optional<Timestamp> sent;  ///< When it was told last.
  /// Of what was collected when it becomes a message at the latest; of a message that waits when it
  /// is tried next.
  std::optional<Timestamp> due;
};

/// Who was told of these, or is to be, by Problem::id; each place once, the first told first. Only
/// reads: a few queries however many problems there are.
std::map<std::int64_t, std::vector<ToldPlace>> read_told(Transaction& in, const rules::Rules& rules,
                                                         std::span<const Problem* const> problems);

}  // namespace walpulse::monitor::reading
