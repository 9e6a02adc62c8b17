#include "monitor/command/rules.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "monitor/command/rules_check.h"
#include "monitor/command/rules_suggest.h"
#include "monitor/rules/deadline.h"
#include "monitor/rules/rules_file.h"

namespace walpulse::monitor {
namespace {

int explain(const RulesOptions& options) {
  const auto loaded = rules::load_rules(options.path);
  if (!loaded) return refuse_mistakes(options.path, loaded.error());
  const rules::Rules& rules = loaded->rules;
  const rules::Subject subject{options.pipeline, options.source, options.trigger, options.labels};
  std::fputs(explanation(rules, subject).c_str(), stdout);
  const auto policy = policy_of(rules, subject);
  if (const auto& times = policy.done_by.value) {
    const Timestamp now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::printf("next deadline: %s, %s by the clocks of %s\n",
                to_rfc3339(next_deadline(*times, rules.time_zone, now)).c_str(),
                to_string(*times).c_str(), rules.time_zone.name().c_str());
  }
  return kExitStopped;
}

}  // namespace

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
  if (options.verb == "explain") return explain(options.rules);
  return options.verb == "suggest" ? suggest_rules(options) : check_rules(options);
}

std::string explanation(const rules::Rules& rules, const rules::Subject& subject) {
  std::vector<std::array<std::string, 3>> lines;
  std::array<std::size_t, 2> widths{};
  for (const auto& [key, value, place] : rows_of(policy_of(rules, subject))) {
    lines.push_back({key, value, to_string(rules, place)});
    widths = {std::max(widths[0], key.size()), std::max(widths[1], value.size())};
  }
  std::string text;
  for (const auto& [key, value, place] : lines) {
    text += key + std::string(widths[0] - key.size() + 2, ' ') + value +
            std::string(widths[1] - value.size() + 2, ' ') + place + "\n";
  }
  return text;
}

}  // namespace walpulse::monitor
