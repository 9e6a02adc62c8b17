#pragma once

#include <string>
#include <vector>

#include "monitor/command/ledger_pipelines.h"
#include "monitor/options/options.h"
#include "monitor/rules/coverage.h"

namespace walpulse::monitor {

/// `walpulse-monitor rules check FILE [--ledger LEDGER]`. The exit code.
int check_rules(const ServeOptions& options);

/// What a person reads of rules that were held against a ledger.
struct CoverageText {
  std::vector<std::string> lines;
  std::vector<std::string> warnings;  ///< What matches nothing.
};
CoverageText text_of(const rules::Rules& rules, const LedgerPipelines& known);

/// "1 table", "2 tables".
std::string counted(std::size_t count, const std::string& what);

/// "7 tables in 1 file, 2 expectations".
std::string summary_of(const rules::Rules& rules);

}  // namespace walpulse::monitor
