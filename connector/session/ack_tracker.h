#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>

#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// A position, and when it was known to be all there was, by the server's clock.
struct ReachedPosition {
  Lsn position;
  Timestamp current_at{};
  bool operator==(const ReachedPosition&) const = default;
};

/// Which position may be confirmed: the contiguous low-water mark of transactions whose every
/// message is acknowledged. Transactions come whole and in commit order; acknowledgements in any
/// order. The receiving thread opens, takes and commits, lane threads acknowledge; all calls are
/// safe together. Memory is bounded by what is in flight.
class AckTracker {
 public:
  using Ticket = std::uint64_t;
  /// Belongs to no transaction; its acknowledgement is ignored.
  static constexpr Ticket kNoTicket = 0;

  /// The transaction commits at `commit`.
  void begin(Lsn commit = {});
  /// One more message of the open transaction: to be handed back by acknowledge().
  Ticket take();
  /// The open transaction is complete. One without messages is done at once.
  void commit(ReachedPosition end);
  /// The open transaction will come again whole, under other tickets; late acknowledgements of this
  /// one mean nothing.
  void abandon();

  /// Returns true when the safe position advanced.
  bool acknowledge(Ticket ticket);

  /// A keepalive's position: taken only while nothing is open and everything is acknowledged.
  bool adopt(ReachedPosition keepalive);

  /// A stay on the slot begins: what was taken before belongs to an earlier one. Returns the ticket
  /// of the heartbeat that introduces it.
  Ticket new_stay();
  /// That heartbeat was acknowledged.
  bool introduced() const;
  /// The greatest commit of which a message taken in this stay was acknowledged; 0/0: none was.
  Lsn published() const;

  /// Never goes back.
  ReachedPosition safe() const;
  /// End of the newest transaction taken whole, or the safe position where that is further: where
  /// the next session starts, so that nothing pending is sent twice.
  Lsn taken() const;
  bool idle() const;

 private:
  struct Transaction {
    std::size_t unacknowledged = 0;
    bool open = false;
    bool abandoned = false;
    Lsn commit;
    ReachedPosition end;
  };
  bool settle();
  bool raise(const ReachedPosition& to);

  mutable std::mutex mutex_;
  std::deque<Transaction> transactions_;  ///< Those with messages, oldest first.
  Ticket oldest_ = 1;                     ///< Ticket of the front.
  bool open_ = false;
  bool open_has_messages_ = false;
  Lsn open_commit_;
  Ticket introduction_ = std::numeric_limits<Ticket>::max();  ///< Counts down, one for each stay.
  bool introduced_ = false;
  Ticket stay_begins_ = 1;  ///< Ticket of the stay's first transaction.
  Lsn published_;
  ReachedPosition safe_;
  Lsn taken_;
};

}  // namespace walpulse::connector
