#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/problems/reconcile.h"

namespace walpulse::monitor {

/// Slots of one trigger for which Mage made no run, and makes none any more.
struct MissedSlots {
  std::string source;
  std::string pipeline;
  std::int64_t table = 0;  ///< Of the trigger's row: SourceRow::id.
  std::int64_t trigger = 0;
  std::int64_t count = 0;
  Timestamp after;  ///< The one that was counted last.
  Timestamp up_to;  ///< The newest of them.
};

struct FirstLook {
  std::string source;
  Timestamp as_of;  ///< The watermark: what is older was so before walpulse came.
};

/// What one round of the leader's found.
struct ProblemUpdate {
  ProblemChanges changes;
  std::vector<std::int64_t> open;  ///< The ids of the problems that it was compared with.
  /// Sources that were judged for the first time: what was there before walpulse is known now.
  std::vector<FirstLook> looked;
  Timestamp now;  ///< By this machine's clock: what was closed long before is forgotten.
  std::vector<MissedSlots> missed;
  /// Who is to be told of these changes, whose problems have their ids by then. Called within the
  /// transaction that keeps them, again where that is retried. Nothing: nobody is.
  std::function<std::vector<Notice>(Transaction& in, const ProblemUpdate& update)> notices;
  /// What the log is still to say, in words of the caller's: kept in the same transaction, until
  /// logged() says that it does. Nothing: what is kept stays as it is.
  std::function<std::string(const ProblemUpdate& update)> unlogged;
  bool empty() const { return changes.empty() && missed.empty() && looked.empty(); }
};

/// Where problems are kept.
class ProblemLedger {
 public:
  virtual ~ProblemLedger() = default;
  /// Gives the problems that it opens their ids. In one transaction: nothing is opened, closed or
  /// counted twice, whoever leads. False, with nothing written, where this instance does not lead,
  /// or where others are open by now than those that the update was compared with.
  virtual Result<bool> keep(ProblemUpdate& update) = 0;
  /// The log says what ProblemUpdate::unlogged had said. Where something else is kept by now,
  /// another leader's, that stays.
  virtual Result<void> logged(const std::string& unlogged) = 0;
};

/// Up to which slot the missed ones of a trigger are counted; kMinusInfinity where none ever was.
Timestamp missed_up_to(Transaction& in, std::int64_t table, std::int64_t trigger);
/// The same of all triggers of a table that ever missed one.
std::map<std::int64_t, Timestamp> missed_up_to(Transaction& in, std::int64_t table);

/// What the log is still to say; empty where that is nothing.
std::string unlogged(Transaction& in);

/// When a leader judged a source for the first time, by the watermark then: what was so before
/// walpulse came is no news, also where it becomes known later (a replay, a snapshot). Nothing:
/// none ever did. kMinusInfinity where an earlier build did: it kept no time.
std::optional<Timestamp> first_look(Transaction& in, const std::string& source);

}  // namespace walpulse::monitor
