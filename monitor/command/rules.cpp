#include "monitor/command/rules.h"

#include <cstdio>

#include "monitor/command/rules_check.h"
#include "monitor/command/rules_explain.h"
#include "monitor/command/rules_suggest.h"

namespace walpulse::monitor {

void complain(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

int refuse_mistakes(const std::string& path, const rules::Mistakes& mistakes) {
  for (const rules::Mistake& mistake : mistakes) complain(to_string(mistake));
  complain("walpulse-monitor: " + counted(mistakes.size(), "mistake") + " in " + path);
  return kExitFailed;
}

bool asks_the_ledger(const ServeOptions& options) {
  return options.verb == "suggest" || options.rules.against_ledger;
}

int rules_command(const ServeOptions& options) {
  if (options.verb == "explain") return explain_rules(options.rules);
  return options.verb == "suggest" ? suggest_rules(options) : check_rules(options);
}

}  // namespace walpulse::monitor
