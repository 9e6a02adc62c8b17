#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "decoder/base/result.h"

namespace walpulse {

/// An instant, in microseconds of UTC. PostgreSQL's `infinity` and `-infinity` are the two ends.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr Timestamp kInfinity = Timestamp::max();
inline constexpr Timestamp kMinusInfinity = Timestamp::min();

/// PostgreSQL counts microseconds from 2000-01-01, Unix from 1970-01-01. Saturates to ±infinity.
Timestamp from_postgres_epoch(std::int64_t microseconds);
/// The inverse of from_postgres_epoch.
std::int64_t to_postgres_epoch(Timestamp instant);

/// Reads PostgreSQL's ISO output ("2025-01-02 03:04:05.678+05:30", "... BC", "infinity") and
/// RFC 3339 ("2025-01-02T03:04:05.678Z"). 0 to 6 fraction digits (further ones are cut), offsets
/// ±HH[:MM[:SS]]. A text without a zone is malformed; an instant beyond the range saturates to
/// ±infinity.
Result<Timestamp> parse_timestamp(std::string_view text);

/// "2025-01-02T03:04:05.678000Z": always UTC, always six digits. Years outside 0001-9999 and the
/// infinities have no RFC 3339 form and keep PostgreSQL's ("infinity", "0044-03-15 00:00:00+00
/// BC").
std::string to_rfc3339(Timestamp instant);

/// PostgreSQL's timestamptz text as to_rfc3339 writes it, where it is in UTC and of this era;
/// false, with nothing of use in `out`, where it is not.
bool utc_rfc3339(std::string_view postgres_text, std::array<char, 27>& out);

/// Appends PostgreSQL's timestamptz text as RFC 3339 UTC with six digits, without a detour through
/// a calendar where it is in UTC already. Text with no RFC 3339 form is appended unchanged.
void append_rfc3339(std::string_view postgres_text, std::string& out);

}  // namespace walpulse
