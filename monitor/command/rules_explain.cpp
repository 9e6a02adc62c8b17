#include "monitor/command/rules_explain.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "monitor/command/rules.h"
#include "monitor/rules/after.h"
#include "monitor/rules/deadline.h"
#include "monitor/rules/routes.h"
#include "monitor/rules/rules_file.h"
#include "publisher/doctor/check.h"

namespace walpulse::monitor {
namespace {

using Line = std::array<std::string, 3>;  ///< A key, its value and its place.

/// "data #data-fin: after 15s, then every 10m, again after 1d".
std::string how(const rules::Route& route) {
  std::string text = route.channel + (route.target.empty() ? "" : " " + route.target);
  const rules::Duration none{0};
  text += route.first == none ? ": at once" : ": after " + rules::to_string(route.first);
  if (route.then != none) text += ", then every " + rules::to_string(route.then);
  if (route.repeat) text += ", again after " + rules::to_string(*route.repeat);
  if (route.hours) text += ", in " + route.hours->text();
  return text;
}

void add_told(const rules::Rules& rules, const rules::Subject& subject, const rules::Policy& policy,
              std::vector<Line>& lines) {
  const auto all = rules::told_of(rules, subject, policy);
  for (const auto& [route, kinds, of_all_kinds] : all) {
    lines.push_back({"told", how(route) + (of_all_kinds ? "" : ", of " + doctor::joined(kinds)),
                     to_string(rules, route.place)});
  }
  if (!all.empty()) return;
  const bool is_recorded = policy.severity.value == rules::Severity::record;
  lines.push_back(
      {"told", "nobody", to_string(rules, is_recorded ? policy.severity.place : rules::Place())});
}

/// Every planned time that concerns the subject, also where it is not now.
void add_quiet(const rules::Rules& rules, const rules::Subject& subject, std::vector<Line>& lines) {
  for (const rules::QuietRule& quiet : rules.quiets) {
    rules::Captures captures;
    if (!quiet.about.matches(subject, captures)) continue;
    std::string when = quiet.every ? "every " + quiet.every->text() : "";
    if (!quiet.every) {
      const bool begins = quiet.from != kMinusInfinity;
      when = (begins ? "from " + to_rfc3339(quiet.from) + " " : "") + "until " +
             to_rfc3339(quiet.until);
    }
    lines.push_back({"quiet", when + ": " + quiet.reason, to_string(rules, quiet.place)});
  }
}

void add_calls(const rules::Rules& rules, const rules::Subject& subject, std::vector<Line>& lines) {
  std::vector<const rules::AfterRule*> listed;
  for (const std::string_view end : rules::kEnds) {
    for (const rules::AfterRule* after : afters_of(rules, subject, end)) {
      if (std::ranges::count(listed, after) > 0) continue;
      listed.push_back(after);
      std::string text = doctor::joined(after->is) + ": calls " + after->call.value;
      if (!after->body_file.empty()) text += " with " + after->body_file;
      if (after->not_older_than) text += ", within " + rules::to_string(*after->not_older_than);
      if (after->at_most) text += ", at most " + to_string(*after->at_most);
      lines.push_back({"after", text, to_string(rules, after->place)});
    }
  }
}

}  // namespace

std::string explanation(const rules::Rules& rules, const rules::Subject& subject) {
  const rules::Policy policy = policy_of(rules, subject);
  std::vector<Line> lines;
  for (const auto& [key, value, place] : rows_of(policy)) {
    lines.push_back({key, value, to_string(rules, place)});
  }
  std::array<std::size_t, 2> widths{};
  for (const Line& line : lines) {
    widths = {std::max(widths[0], line[0].size()), std::max(widths[1], line[1].size())};
  }
  // These are sentences: the keys' column of values need not be as wide.
  add_told(rules, subject, policy, lines);
  add_quiet(rules, subject, lines);
  add_calls(rules, subject, lines);
  const auto padded = [](const std::string& cell, std::size_t width) {
    return cell + std::string(width > cell.size() ? width - cell.size() + 2 : 2, ' ');
  };
  std::string text;
  for (const auto& [key, value, place] : lines) {
    text += padded(key, widths[0]) + padded(value, widths[1]) + place + "\n";
  }
  return text;
}

int explain_rules(const RulesOptions& options) {
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

}  // namespace walpulse::monitor
