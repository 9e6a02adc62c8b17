#pragma once

#include <string>

#include "monitor/options/options.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// `walpulse-monitor rules check FILE | explain FILE --pipeline NAME | suggest`. The exit code.
int rules_command(const ServeOptions& options);

/// Whether it will ask the ledger.
bool asks_the_ledger(const ServeOptions& options);

/// What the rules come to: a line for each key, with its value and where it was written.
std::string explanation(const rules::Rules& rules, const rules::Subject& subject);

/// A line for whoever called.
void complain(const std::string& line);

/// Complains of every mistake; the exit code.
int refuse_mistakes(const std::string& path, const rules::Mistakes& mistakes);

}  // namespace walpulse::monitor
