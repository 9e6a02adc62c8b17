#include "monitor/command/rules_check.h"

#include <algorithm>
#include <cstdio>

#include "monitor/command/rules.h"
#include "monitor/rules/expectations.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kNamesShown = 10;

/// "'a', 'b' and 12 more".
std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    text += (i == 0 ? "" : ", ") + rules::in_quotes(names[i]);
  if (names.size() > kNamesShown)
    text += " and " + std::to_string(names.size() - kNamesShown) + " more";
  return text;
}

/// False where the ledger cannot be had.
bool print_coverage(const ServeOptions& options, const rules::Rules& rules) {
  const auto known = ledger_pipelines(options);
  if (!known) {
    complain("walpulse-monitor: " + to_string(known.error()));
    return false;
  }
  const CoverageText text = text_of(rules, *known);
  for (const std::string& warning : text.warnings) complain(warning);
  for (const std::string& line : text.lines) std::printf("%s\n", line.c_str());
  return true;
}

}  // namespace

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string summary_of(const rules::Rules& rules) {
  return counted(rules.table_count, "table") + " in " + counted(rules.files.size(), "file") + ", " +
         counted(rules.expectations.size(), "expectation");
}

CoverageText text_of(const rules::Rules& rules, const LedgerPipelines& known) {
  CoverageText text;
  if (known.pipelines.empty()) {
    text.warnings.push_back(
        "warning: the ledger knows no pipeline yet: nothing was held against it");
    return text;
  }
  const std::string of_all = " of " + counted(known.pipelines.size(), "pipeline");
  const rules::Coverage coverage = coverage_of(rules, known.pipelines);
  for (const auto& [place, matched] : coverage.tables) {
    const std::string matches = "matches " + std::to_string(matched) + of_all;
    if (matched == 0) {
      text.warnings.push_back(to_string(rules, place) + ": warning: " + matches);
    } else {
      text.lines.push_back(to_string(rules, place) + ": " + matches);
    }
  }
  const std::size_t unmatched = coverage.unmatched.size();
  if (unmatched > 0)
    text.lines.push_back(counted(unmatched, "pipeline") + (unmatched == 1 ? " matches" : " match") +
                         " no table: " + some_of(coverage.unmatched));
  if (!known.all)
    text.warnings.push_back(
        "warning: the ledger has more pipelines than it tells apart: the others are not among "
        "them");
  return text;
}

int check_rules(const ServeOptions& options) {
  const std::string& path = options.rules.path;
  const auto loaded = rules::load_rules(path);
  if (!loaded) return refuse_mistakes(path, loaded.error());
  const auto disappointed = disappointments(loaded->rules);
  for (const auto& each : disappointed) complain(to_string(mistake_of(loaded->rules, each)));
  if (options.rules.against_ledger && !print_coverage(options, loaded->rules))
    return kExitUnavailable;
  const std::string line = path + ": " + summary_of(loaded->rules);
  if (!disappointed.empty()) {
    complain("walpulse-monitor: " + line + ", " + counted(disappointed.size(), "key") +
             " not as expected");
    return kExitFailed;
  }
  std::printf("%s, no mistakes\n", line.c_str());
  return kExitStopped;
}

}  // namespace walpulse::monitor
