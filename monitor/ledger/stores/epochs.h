#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// Which history an epoch belongs to, as its connector says it.
struct HistoryIdentity {
  std::uint64_t system = 0;  ///< Of the cluster; zero: it was not said.
  std::string database;
  std::string publication;
  std::vector<std::uint64_t> follows;  ///< The epochs that it replaced.
  bool operator==(const HistoryIdentity&) const = default;
};

/// What the ledger makes of an epoch. The numbers are stored.
enum class Standing : std::uint8_t {
  waits = 0,       ///< Not introduced yet.
  accepted = 1,    ///< Its events count.
  refused = 2,     ///< Another history has its name.
  conflicted = 3,  ///< Its log went back to an older state: for good.
};

/// One epoch of one table of a source, and how far its log was seen.
struct EpochRow {
  std::string name;
  std::string table;
  std::uint64_t epoch = 0;
  Lsn lsn;             ///< The greatest commit_lsn, ...
  Timestamp lsn_time;  ///< ... and when it committed.
  Timestamp newest;    ///< The greatest commit time.
  Standing standing = Standing::waits;
  IntakeTime since{0};             ///< When it was first heard of.
  IntakeTime heartbeat{kLongAgo};  ///< When its last heartbeat came.
  HistoryIdentity identity;
  /// Who decided the standing: what was only read is not written back over another's decision.
  enum class Decided : std::uint8_t { before, here, by_a_person };
  Decided decided = Decided::before;
};

/// One stay of a connector on the slot: the commits that it published beyond what the log held when
/// it came.
struct StayRow {
  std::string instance;
  std::uint64_t session = 0;
  Lsn from;  ///< Exclusive.
  Lsn to;
  bool operator==(const StayRow&) const = default;
};

/// The epochs, and the stays on the slot that prove each. Epochs are read with the Context.
class EpochStore {
 public:
  virtual ~EpochStore() = default;
  /// Each of lsn (with lsn_time), newest and heartbeat only rises, whoever saves first. The
  /// standing is written where it was decided here, but a conflict stays unless a person decided;
  /// an identity that is not said leaves the one that was.
  virtual void save(const EpochRow& epoch) = 0;
  virtual std::vector<StayRow> stays(const EpochRow& epoch) = 0;
  /// Once for each instance and session.
  virtual void save_stay(const EpochRow& epoch, const StayRow& stay) = 0;
  virtual void remove_stay(const EpochRow& epoch, const StayRow& stay) = 0;
};

}  // namespace walpulse::monitor
