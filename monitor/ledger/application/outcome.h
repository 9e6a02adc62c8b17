#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace walpulse::monitor {

/// What became of a message.
enum class Outcome : std::uint8_t {
  applied,    ///< It said something new.
  unchanged,  ///< Known already: a duplicate, a redelivery, a replay.
  pruned,     ///< Below what the ledger still remembers; counts nothing.
  invalid,    ///< Not an event of this contract; kept among the rejected.
  conflict,   ///< From a restored database whose epoch was not raised; kept among the rejected.
  deferred,   ///< A schema version that this build does not know: not acknowledged, comes again.
  waits,      ///< Of an epoch that nobody has introduced yet: not acknowledged, comes again soon.
  ignored,    ///< A change of another table than one of runs.
  refused,    ///< Another history has the source's name; events are kept among the rejected.
};
inline constexpr std::size_t kOutcomes = 9;
std::string_view to_string(Outcome outcome);
/// True where the message was not counted, and an event is kept among the rejected.
bool is_set_aside(Outcome outcome);

/// Why a message whose outcome is `conflict`, or `refused`, was kept.
inline constexpr std::string_view kConflictReason =
    "conflict: the database was restored without `recover`";
std::string name_taken_reason(const std::string& name, std::uint64_t epoch);

}  // namespace walpulse::monitor
