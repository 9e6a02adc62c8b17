#pragma once

#include <optional>
#include <string_view>

#include "monitor/problems/problem.h"
#include "monitor/problems/time_limit.h"
#include "monitor/rules/policy.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// What the evidence calls the labels, and the trigger, that a problem is told apart by; and those
/// of the run that stands for all, which decide what rules say of it.
inline constexpr std::string_view kOfGroup = "label.";
inline constexpr std::string_view kOfRun = "run.";

/// Adds who is concerned and what to read: team, owner and runbook, as far as the rules say it.
void add_concerned(Evidence& evidence, const rules::Policy& policy);

/// Adds what was exceeded ("6h"), and where it was written; nothing of the second where it is built
/// in.
void add_limit(Evidence& evidence, const rules::Rules& rules,
               const rules::Placed<std::optional<rules::Duration>>& limit);

/// A limit as findings take it.
TimeLimit limit_of(const std::optional<rules::Duration>& duration);

}  // namespace walpulse::monitor
