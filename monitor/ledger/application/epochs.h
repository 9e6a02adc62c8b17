#pragma once

#include <string>
#include <vector>

#include "decoder/schema/introduction.h"
#include "monitor/ledger/application/message.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Which epochs count. One name has one history: of a table's epochs the first that is heard of is
/// accepted, and each that follows or precedes an accepted one, or is of the same system, database
/// and publication. Another is refused. One that nobody has introduced waits a while for that, and
/// is then accepted where no other is alive (a connector of the first build introduces nothing).
/// A capture of several tables is introduced once, by its first: the others stand as that one does.
///
/// Tells also a database that was restored without a raised epoch, where positions are used again
/// by other transactions, but only on proof, and without any clock: one position with two commit
/// times, or two stays on the slot that overlap. Then the epoch is in conflict for good: what is
/// behind the restore cannot be told from what was before it.
///
/// Within one transaction. Whenever a standing is to be decided nobody else decides one: the rows
/// are claimed, and read again.
class Epochs {
 public:
  Epochs(Transaction& transaction, const Context& context);

  enum class Verdict : std::uint8_t {
    fits,
    waits,
    refused,
    refused_first,  ///< This message made it so.
    conflicts,
    conflicts_first,
  };
  Verdict introduce(const schema::Introduction& said);
  /// Of any other message. A snapshot's rows and end say nothing of how far the log is.
  Verdict check(const std::string& name, const std::string& table, std::uint64_t epoch);
  /// Notes how far the log was seen.
  Verdict check(const ChangeMessage& change);
  /// There is proof of a restore.
  Verdict latch(const std::string& name, const std::string& table, std::uint64_t epoch);
  /// A new heartbeat came.
  void lives(const std::string& name, const std::string& table, std::uint64_t epoch);

  const EpochRow& row(const std::string& name, const std::string& table, std::uint64_t epoch);
  /// Rows that changed, in the order of their keys.
  void save();

 private:
  struct Tracked {
    EpochRow row;
    bool changed = false;
  };
  Tracked& tracked(const std::string& name, const std::string& table, std::uint64_t epoch);
  void read_again();
  const EpochRow* speaker(const EpochRow& row) const;
  void follow(const std::string& name, const std::string& table, std::uint64_t number);
  Standing standing_of(const EpochRow& row) const;
  bool is_a_stranger(const EpochRow& row) const;
  bool too_many_wait() const;
  void decide(Tracked& epoch, Standing standing);

  Transaction& transaction_;
  const IntakeTime clock_;
  std::vector<Tracked> tracked_;
  bool claimed_ = false;
};

std::string_view to_string(Standing standing);

}  // namespace walpulse::monitor
