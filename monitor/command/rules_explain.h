#pragma once

#include <string>

#include "monitor/options/options.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// `walpulse-monitor rules explain FILE --pipeline NAME`. The exit code.
int explain_rules(const RulesOptions& options);

/// What the rules come to: a line for each key, each channel that is told and each call, with its
/// value and where it was written.
std::string explanation(const rules::Rules& rules, const rules::Subject& subject);

}  // namespace walpulse::monitor
