#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/schema/change_event.h"
#include "decoder/schema/heartbeat.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// Up to where everything of a table must have come to the ledger. "Published" is not "delivered":
/// after an outage the newest heartbeat overtakes the backlog. So one is believed when none before
/// it is missing, of the process that sends it or of one that was heard of earlier; a missing one
/// is let go after ten minutes of the intake clock, and where heartbeats come far out of turn none
/// is believed for a minute.
class Watermark {
 public:
  /// An event that comes for the first time at or below this, when what it names has been confirmed
  /// for `settle`, is one that was never to come.
  void take(const schema::Heartbeat& heartbeat, IntakeTime clock, IntakeTime settle);

  const std::optional<schema::Position>& delivered() const { return delivered_; }

  /// By the server's clock, up to when everything that was committed must be here, as far as the
  /// heartbeats say: what is judged by time is judged as of it. Never goes back; stands still while
  /// no heartbeat is believed. Timestamp{} while unknown.
  Timestamp as_of() const { return as_of_; }

  /// Whether a heartbeat has come.
  bool has_heard() const { return first_.has_value(); }
  /// Whether told_from() is what it will ever be.
  bool knows_told_from(IntakeTime clock, IntakeTime settle) const {
    return first_ && clock >= *first_ + settle;
  }
  /// The greatest position that was confirmed while the ledger first heard of the table, for
  /// `settle` from the first heartbeat on: a ledger that is filled again hears all of the past, and
  /// nothing at or below this is told a second time. Nothing: all is told.
  const std::optional<schema::Position>& told_from() const { return told_from_; }

  std::string encode() const;
  /// What does not read begins anew.
  static Watermark decode(std::string_view state);

 private:
  /// Heartbeats beyond a missing one, none missing among them.
  struct Stretch {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<schema::Position> confirmed;  ///< What the last one that knows it said, ...
    IntakeTime came{0};                         ///< When the first of them came.
    Timestamp confirmed_at{};                   ///< ... and as of when.
  };
  /// One process that sends heartbeats.
  struct Sender {
    std::string instance;
    std::int64_t started_at = 0;  ///< Microseconds since 1970.
    std::uint64_t complete = 0;   ///< None up to this sequence number is missing.
    std::uint64_t newest = 0;
    std::vector<Stretch> ahead;  ///< By sequence; a number is missing before each.
  };
  Sender& sender_of(const schema::Heartbeat& heartbeat);
  static void put(Sender& sender, Stretch beat);
  void advance(IntakeTime clock);
  void advance(Sender& sender, IntakeTime clock);
  void age(IntakeTime clock, IntakeTime settle);

  std::optional<IntakeTime> first_;  ///< When the first heartbeat came.
  std::optional<schema::Position> told_from_;
  std::vector<Sender> senders_;  ///< The newest last.
  IntakeTime still_until_{0};
  std::optional<schema::Position> confirmed_;
  Timestamp as_of_{};
  /// What was confirmed at some time, waiting to have been so for long.
  std::optional<schema::Position> candidate_;
  IntakeTime candidate_since_{0};
  std::optional<schema::Position> delivered_;
};

}  // namespace walpulse::monitor
