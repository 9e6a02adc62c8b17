#pragma once

#include <string>

#include "monitor/options/options.h"
#include "monitor/rules/mistake.h"

namespace walpulse::monitor {

/// `walpulse-monitor rules check FILE | explain FILE --pipeline NAME | suggest`. The exit code.
int rules_command(const ServeOptions& options);

/// Whether it will ask the ledger.
bool asks_the_ledger(const ServeOptions& options);

/// A line for whoever called.
void complain(const std::string& line);

/// Complains of every mistake; the exit code.
int refuse_mistakes(const std::string& path, const rules::Mistakes& mistakes);

}  // namespace walpulse::monitor
