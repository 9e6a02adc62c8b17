#pragma once

#include <chrono>
#include <optional>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// Nothing: it is not watched.
using TimeLimit = std::optional<std::chrono::microseconds>;

/// When it has lasted too long since `begin`; kInfinity where it never will. The two infinities of
/// PostgreSQL never age.
inline Timestamp passes_at(const TimeLimit& limit, Timestamp begin) {
  if (!limit || begin == kMinusInfinity || begin >= kInfinity - *limit) return kInfinity;
  return begin + *limit;
}

inline bool has_passed(const TimeLimit& limit, Timestamp begin, Timestamp as_of) {
  const Timestamp at = passes_at(limit, begin);
  return at != kInfinity && at <= as_of;
}

}  // namespace walpulse::monitor
