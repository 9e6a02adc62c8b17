#pragma once

#include <vector>

#include "monitor/problems/problem.h"
#include "monitor/problems/subject.h"

namespace walpulse::monitor {

/// What needs a person about one subject, as of the watermark: `as_of`, never a clock. While the
/// watermark stands still nothing becomes late by it. Pure.
std::vector<Finding> subject_findings(const Subject& subject, const Limits& limits,
                                      Timestamp as_of);

/// When at the earliest time alone adds a finding to those of `as_of`; kInfinity where none does.
Timestamp next_finding(const Subject& subject, const Limits& limits, Timestamp as_of);

}  // namespace walpulse::monitor
