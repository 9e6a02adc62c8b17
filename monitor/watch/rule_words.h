#pragma once

#include "monitor/problems/problem.h"
#include "monitor/problems/time_limit.h"
#include "monitor/rules/policy.h"

namespace walpulse::monitor {

/// Adds who is concerned and what to read: team, owner and runbook, as far as the rules say it.
void add_concerned(Evidence& evidence, const rules::Policy& policy);

/// A limit as findings take it.
TimeLimit limit_of(const std::optional<rules::Duration>& duration);

}  // namespace walpulse::monitor
