#pragma once

#include <chrono>

#include "decoder/base/timestamp.h"

namespace walpulse {

/// What time it is, to the microsecond, by a clock that may be set at any moment: intervals are
/// measured by std::chrono::steady_clock.
inline Timestamp wall_clock() {
  return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
}

}  // namespace walpulse
