#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/ledger.h"
#include "monitor/problems/news.h"
#include "monitor/rules/rule_book.h"
#include "monitor/watch/board.h"
#include "monitor/watch/herald.h"
#include "monitor/watch/sight.h"

namespace walpulse::monitor {

/// Whether what a run did may be a problem by itself, so that a look at once is worth its while.
bool may_be_problem(const Happening& happening);

/// The leader's look at what needs a person: reads the state as of the watermark, compares it with
/// what is open, and keeps the difference. What it says hangs on the ledger alone, so that a
/// restart, a takeover or an outage of ours opens nothing twice.
///
/// What the channels of the rules are to be told is kept in the transaction that keeps the
/// problems, and so is what the log is to say: a leader that was cut off before it logged has a
/// successor that does. One thread uses it.
class ProblemWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using RulesInForce = std::function<rules::RuleBook::InForce()>;

  /// The ledger must outlive it.
  ProblemWatch(Ledger& ledger, RulesInForce rules) : ledger_(ledger), rules_(std::move(rules)) {}

  /// `wall` is this machine's clock. Nothing where this instance does not lead.
  Result<ProblemNews> round(Clock::time_point now, Timestamp wall);
  /// The log says what the last round told. Until then each round tells it again.
  Result<void> logged();

 private:
  struct LookedAt {
    std::string name;
    std::optional<Timestamp> as_of;   ///< Nothing: it is not judged now.
    std::optional<Timestamp> newest;  ///< The newest instant of it that is known.
    std::optional<Finding> blind;
    std::optional<Timestamp> first_look;  ///< Nothing: it was never judged before.
  };
  struct Look {
    std::vector<Problem> open;
    std::vector<Mute> mutes;
    std::vector<LookedAt> sources;
    std::vector<Finding> undelivered;  ///< Of no source.
    std::string unlogged;              ///< By whoever led before, or this one.
    ProblemNews left;                  ///< The same, read.
    Timestamp wall;
  };
  Look look(Transaction& in, const Context& context, const rules::Rules& rules,
            Clock::time_point now, Timestamp wall);
  ProblemUpdate compare(const Look& look);

  Ledger& ledger_;
  const RulesInForce rules_;
  Board board_;
  Sight sight_;
  Herald herald_;
  std::string rules_hash_;
  std::string unlogged_;  ///< What the ledger keeps of what the last round told.
};

}  // namespace walpulse::monitor
