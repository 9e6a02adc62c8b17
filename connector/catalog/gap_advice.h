#pragma once

namespace walpulse::connector {

/// What every report of a gap ends with.
inline constexpr const char* kGapAdvice =
    "changes are lost to this capture. `walpulse-connector recover --to SINK` is the one way on "
    "that keeps the counts whole";

}  // namespace walpulse::connector
