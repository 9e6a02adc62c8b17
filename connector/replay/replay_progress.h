#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"
#include "decoder/pgoutput/event_decoder.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

/// How far a replay is: what lives on when a session ends and another one goes on, so that no event
/// is published twice and none is left out.
struct ReplayProgress {
  struct Commit {
    Lsn commit_lsn;
    Timestamp time;
  };

  bool begun = false;  ///< A transaction came, whether in the range or not.
  Lsn read;            ///< How far the log was read.
  Lsn next;            ///< What is to be replayed commits here or later.
  /// The transaction of the range that was begun and not yet taken whole, and how many of its
  /// changes were taken: they come again after a lost connection.
  std::optional<Lsn> open;
  std::uint64_t open_count = 0;
  std::deque<publisher::Message> pending;  ///< The publisher had no room for them yet.

  std::uint64_t transaction_count = 0;  ///< With an event of ours.
  std::uint64_t event_count = 0;
  std::uint64_t byte_count = 0;  ///< Of bodies.
  /// Values that stayed home because their types are gone.
  decoder::EventDecoder::Withheld withheld;
  std::optional<Commit> first;
  std::optional<Commit> last;
};

}  // namespace walpulse::connector
