#pragma once

#include <string>
#include <vector>

#include "decoder/schema/introduction.h"
#include "monitor/ledger/message.h"
#include "monitor/ledger/storage.h"

namespace walpulse::monitor {

/// Which epochs count. One name has one history: of a table's epochs the first that is heard of is
/// accepted, and each that follows or precedes an accepted one, or is of the same system,
/// database and publication. Another is refused. One that nobody has introduced waits a while for that, and is
/// then accepted where no other is alive (a connector of the first build introduces nothing).
///
/// Tells also a database that was restored without a raised epoch, where positions are used again
/// by other transactions, but only on proof, and without any clock: one position with two commit
/// times, or two stays on the slot that overlap. Then the epoch is in conflict for good: what is
/// behind the restore cannot be told from what was before it.
class Epochs {
 public:
  /// `clock` is the intake clock's reading.
  Epochs(std::vector<EpochRow> rows, IntakeTime clock);

  enum class Verdict : std::uint8_t {
    fits,
    waits,
    refused,
    refused_first,  ///< This message made it so.
    conflicts,
    conflicts_first,
  };
  Verdict introduce(const schema::Introduction& said);
  /// Notes that the epoch is alive.
  Verdict heartbeat(const schema::Introduction& said);
  /// Of any other message. A snapshot's rows and end say nothing of how far the log is.
  Verdict check(const std::string& name, const std::string& table, std::uint64_t epoch);
  /// Notes how far the log was seen.
  Verdict check(const ChangeMessage& change);
  /// There is proof of a restore.
  Verdict latch(const std::string& name, const std::string& table, std::uint64_t epoch);

  const EpochRow& row(const std::string& name, const std::string& table, std::uint64_t epoch);
  /// Rows that changed.
  void save(Storage& storage) const;

 private:
  struct Tracked {
    EpochRow row;
    bool changed = false;
  };
  Tracked& tracked(const std::string& name, const std::string& table, std::uint64_t epoch);
  Verdict judge(Tracked& epoch);
  Standing standing_of(const EpochRow& row) const;
  static Verdict latch(Tracked& epoch);

  const IntakeTime clock_;
  std::vector<Tracked> tracked_;
};

std::string_view to_string(Standing standing);

}  // namespace walpulse::monitor
