#pragma once

#include <vector>

#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// What is to be written so that what is open is what is the case.
struct ProblemChanges {
  std::vector<Problem> opened;
  std::vector<Problem> closed;
  /// Open before and after, with other evidence, another cause or another name.
  std::vector<Problem> changed;
  bool empty() const { return opened.empty() && closed.empty() && changed.empty(); }
};

/// Compares the problems that are open with what is the case as of `as_of`. The answer hangs on
/// nothing else: whoever leads next, after whatever pause, says what the last one would have said,
/// and says nothing twice. An open problem keeps the earliest `since` that was ever found for it.
/// Of findings of one key the first counts. One that has a cause is not told, unless it outlives
/// it; nor is one of which nothing is newer than `first_look`, until something is.
///
/// What an earlier build opened under another key goes on under the one of today; of several that
/// are one today the first does, and the others are closed without a word. Pure.
ProblemChanges reconcile(const std::vector<Problem>& open, const std::vector<Finding>& findings,
                         Timestamp as_of, Timestamp first_look = kMinusInfinity);

}  // namespace walpulse::monitor
