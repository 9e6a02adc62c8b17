#pragma once

#include <vector>

#include "monitor/rules/reporter.h"
#include "monitor/rules/rules.h"

namespace walpulse::rules {

// What must hold of a table as a whole; what does not is told to the reporter. `table` is the text
// that `read` was read out of.

/// Each capture is made once.
void check_captures(const SubjectPattern& read, const Node& table, Reporter report);

/// Each capture that a text uses is made by every pattern of its key.
void check_texts(const RuleTable& read, Reporter report);

/// The table is certain to match nothing but what one of these patterns matches; none: anything.
void check_within(const SubjectPattern& read, const Node& table, const std::vector<Glob>& within,
                  Reporter report);

/// No key of the table excludes another, and none lacks one that it needs, here or in `defaults`.
void check_together(const std::vector<Assignment>& here, const std::vector<Assignment>& defaults,
                    Reporter report);

}  // namespace walpulse::rules
