#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// A mute that ended by itself.
struct EndedMute {
  std::int64_t id = 0;
  std::string of;      ///< "daily_*", "problem 12".
  std::string reason;  ///< Why it was muted, and by whom.
  std::string created_by;
  bool ran_out = false;  ///< Else what it was for is over.
  /// What it was for, where that is open and nothing else mutes it: it is told of again.
  std::vector<Problem> open;
};

/// What is to be told of a look at the problems, once it is kept.
struct ProblemNews {
  std::vector<Problem> opened;
  std::vector<Problem> closed;
  /// Opened by the first look at a source: they were there before walpulse came.
  std::vector<Problem> found;
  /// Sources that were looked at for the first time: what becomes of them is told from now on.
  std::vector<std::string> looked = {};
  /// Who muted which of them, by Problem::id: nobody is told of these.
  std::map<std::int64_t, std::string> muted = {};
  std::vector<EndedMute> unmuted = {};
};

}  // namespace walpulse::monitor
