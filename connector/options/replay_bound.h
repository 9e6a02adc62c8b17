#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// An event id taken apart; what it names is still to be held against the publication's comment.
struct EventReference {
  std::string name;
  std::string table;  ///< "public.pipeline_run".
  std::uint64_t epoch = 0;
  Lsn commit_lsn;
  bool operator==(const EventReference&) const = default;
};

/// Where a replay begins or ends: a position, a commit time, or the transaction of an event.
using ReplayBound = std::variant<Lsn, Timestamp, EventReference>;

/// Reads "16/B374D848", "2026-11-20T21:45:30Z" (or PostgreSQL's form of a time, with its zone) or
/// an event id "mage/public.pipeline_run/1763600000/24023200/0" (a snapshot row's, which ends
/// "/r/<primary key>", stands for its position). Malformed for anything else.
Result<ReplayBound> parse_replay_bound(std::string_view text);

}  // namespace walpulse::connector
