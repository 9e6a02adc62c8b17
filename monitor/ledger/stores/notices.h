#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "decoder/base/timestamp.h"
#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// That something of a problem is to be told in one channel. The numbers are stored.
struct Notice {
  enum class Phase : std::uint8_t {
    opened = 0,
    closed = 1,
    repeated = 2,  ///< It is still open.
    found = 3,     ///< By the first look at its source: it was open before walpulse came.
    unmuted = 4,   ///< Its mute ended, and it is still open.
  };
  std::int64_t id = 0;  ///< Given by the storage.
  std::string channel;
  Phase phase = Phase::opened;
  Problem problem;
  Timestamp noted;                       ///< By the leader's clock.
  std::optional<std::int64_t> delivery;  ///< Whose part it became.
};

}  // namespace walpulse::monitor
