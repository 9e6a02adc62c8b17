#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/problem_ledger.h"
#include "monitor/ledger/stores/mutes.h"
#include "monitor/ledger/stores/notices.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// What rules are asked of a problem's subject: what the judge asked them, by the evidence.
rules::Subject rule_subject(const Finding& finding);

/// When a place is told of the finding. What leads there no more has the usual pace.
rules::Pace pace_of(const Finding& finding, const std::string& channel, const std::string& target,
                    const rules::Rules& rules);

/// Says which channels are to be told of the problems that are open, and of their ends. It compares
/// what the rules want told with what was told: so a problem whose mute ran out, whose planned work
/// is over, whose cause is gone or whose rules are others is told then, once. Whoever was told that
/// a problem began is told that it is over. What was told is read off the ledger once for each
/// problem, and remembered. One thread uses it.
class Herald {
 public:
  /// By what is decided.
  struct Scene {
    const rules::Rules* rules = nullptr;
    std::vector<Problem> open;  ///< Before the update.
    std::vector<Mute> mutes;    ///< Those that nobody ended.
    Timestamp wall;             ///< By this machine's clock.
  };

  /// Another process led meanwhile: all is read again.
  void clear() { told_.clear(); }
  /// Reads what was told of these, where that is not known.
  void recall(Transaction& in, const std::vector<Problem>& open);
  /// Of an update, whose problems may not have their ids yet.
  std::vector<Notice> notices(const ProblemUpdate& update, const Scene& scene) const;
  /// These were kept.
  void remember(const std::vector<Notice>& notices);

 private:
  using Place = std::pair<std::string, std::string>;  ///< Channel and target.
  using Told = std::map<Place, Timestamp>;            ///< When each place was told last.

  std::map<std::int64_t, Told> told_;  ///< By Problem::id, of those that are open.
};

}  // namespace walpulse::monitor
