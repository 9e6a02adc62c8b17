#pragma once

#include <array>
#include <cstddef>

#include "connector/stream/wal_source.h"

namespace walpulse::connector {

/// Reads one CopyData body of the streaming replication protocol (PostgreSQL manual, "Streaming
/// Replication Protocol"). Malformed for an unknown type or a wrong length.
Result<Frame> parse_frame(decoder::Bytes body);

/// "Standby status update", ready to be sent as CopyData.
std::array<char, 34> status_update(const Feedback& feedback, Timestamp now);

}  // namespace walpulse::connector
