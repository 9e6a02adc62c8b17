#pragma once

#include <string>

#include "monitor/notify/alert_log.h"
#include "monitor/problems/news.h"

namespace walpulse::monitor {

/// The line that says that a problem was opened or, where `closed` is set, is over. `mage_url` may
/// be empty: then there is no link to the run. What somebody muted is INFO: the log keeps it, and
/// whoever is alerted by a line's severity is not.
AlertLine problem_line(const Problem& problem, const std::string& mage_url,
                       const std::string& muted_by = "");

/// The line that says that a mute ended by itself; a WARNING where what it was for is open.
AlertLine unmuted_line(const EndedMute& mute);

/// The one line of the ledger's first look, in the place of one for each of what was so before.
AlertLine first_look_line(const ProblemNews& news);

/// The line that says that a source is watched from now on.
AlertLine watched_line(const std::string& source);

/// Logs what a round told.
void log_problems(const ProblemNews& news, const std::string& mage_url);

}  // namespace walpulse::monitor
