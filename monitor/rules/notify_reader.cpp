#include <algorithm>
#include <array>

#include "monitor/rules/fields.h"
#include "monitor/rules/keys.h"
#include "monitor/rules/pattern_reader.h"
#include "monitor/rules/route_reader.h"
#include "monitor/rules/table_checks.h"
#include "monitor/rules/value_readers.h"
#include "publisher/config/values.h"

namespace walpulse::rules {
namespace {

constexpr std::size_t kToMax = 50;

Result<void> take_severities(const Node& node, NotifyRule& rule) {
  const auto names = read_names(node, monitor::kSeverityNames.size());
  if (!names) return forward(names);
  for (const std::string& name : *names) {
    const auto found = std::ranges::find(monitor::kSeverityNames, name);
    const auto severity = static_cast<Severity>(found - monitor::kSeverityNames.begin());
    if (found == monitor::kSeverityNames.end() || severity == Severity::record) {
      return fail(ErrorKind::malformed,
                  in_quotes(name) + (name == "record" ? " is never told: page or notify"
                                                      : " is not page or notify"));
    }
    rule.severity.push_back(severity);
  }
  return {};
}

Result<void> take_kinds(const Node& node, NotifyRule& rule) {
  const auto names = read_names(node, monitor::kProblemKinds);
  if (!names) return forward(names);
  std::vector<std::string_view> kinds;
  for (std::size_t i = 0; i < monitor::kProblemKinds; ++i) {
    kinds.push_back(name_of(static_cast<monitor::ProblemKind>(i)));
  }
  for (const std::string& name : *names) {
    const auto kind = monitor::problem_kind(name);
    if (!kind) {
      return fail(ErrorKind::malformed, in_quotes(name) + " is not a kind: " + listed(kinds));
    }
    rule.when.push_back(*kind);
  }
  return {};
}

/// "off" is nothing.
Result<std::optional<Duration>> read_pause(const Node& node) {
  const auto value = read_time_span(node);
  if (!value) return forward(value);
  if (std::holds_alternative<Off>(*value)) return std::optional<Duration>();
  return std::optional<Duration>(std::get<Duration>(*value));
}

bool is_no_time(const Node& node) {
  if (node.kind != Node::Kind::text) return false;
  const auto duration = config::parse_duration(node.text);
  return duration && *duration == Duration(0);
}

/// "0s" is as good as "off": nothing is waited for.
template <auto member>
Result<void> take_pause(const Node& node, NotifyRule& rule) {
  if (is_no_time(node)) {
    rule.pace.*member = Duration(0);
    return {};
  }
  const auto pause = read_pause(node);
  if (!pause) return forward(pause);
  rule.pace.*member = pause->value_or(Duration(0));
  return {};
}

constexpr Field<NotifyRule> kNotifyFields[] = {
    {{"to", R"(to = ["data"])"},
     [](const Node& node, NotifyRule& rule) {
       return put_into(read_names(node, kToMax), rule.to.value);
     }},
    {{"severity", R"(severity = ["page"])"}, take_severities},
    {{"when", R"(when = ["failing", "not_done"])"}, take_kinds},
    {{"first", R"(first = "15s")"}, take_pause<&Pace::first>},
    {{"then", R"(then = "10m")"}, take_pause<&Pace::then>},
    {{"repeat", R"(repeat = "24h")"},
     [](const Node& node, NotifyRule& rule) {
       return put_into(read_pause(node), rule.pace.repeat);
     }},
    {{"hours", R"(hours = "Mon-Fri 08:00-18:00")"},
     [](const Node& node, NotifyRule& rule) -> Result<void> {
       const auto texts = read_texts(node);
       if (!texts) return forward(texts);
       auto hours = WeeklyHours::read(*texts);
       if (!hours) return forward(hours);
       rule.pace.hours = *std::move(hours);
       return {};
     }},
    {{"otherwise", "otherwise = true"},
     [](const Node& node, NotifyRule& rule) -> Result<void> {
       if (node.kind != Node::Kind::boolean || !node.on) {
         return fail(ErrorKind::malformed, "is true, without quotes, or is left out");
       }
       rule.otherwise = true;
       return {};
     }},
};

constexpr std::string_view kTeamExample = R"(team = "finance")";

/// Those of the fields, and of the patterns.
std::vector<KeyExample> known_keys() {
  std::vector<KeyExample> known = examples_of(std::span<const Field<NotifyRule>>(kNotifyFields));
  for (const MatchKey& key : match_keys()) known.push_back({key.name, key.example});
  known.push_back({"team", kTeamExample});
  return known;
}

}  // namespace

NotifyRule read_notify(const Node& table, const FileScope& scope) {
  Reporter report = scope.report();
  NotifyRule rule;
  rule.place = {scope.file, table.line};
  for (const NodeEntry& entry : table.entries) {
    if (entry.key == "to") rule.to.place = {scope.file, entry.line};
    if (take_pattern_key(entry, rule.about, report)) continue;
    if (entry.key == "team") {
      take_name_pattern(entry.value, entry.line, entry.key, kTeamExample, rule.team, report);
    } else if (!take_field<NotifyRule>(entry, kNotifyFields, rule, report)) {
      refuse_key(entry, "[[notify]]", known_keys(), report);
    }
  }
  if (table.find("to") == nullptr) {
    report.add(table.line, "to", "is missing: [[notify]] names channels", R"(to = ["data"])");
  }
  const Node* hours = table.find("hours");
  if (hours != nullptr && std::ranges::count(rule.severity, Severity::page) > 0) {
    report.add(hours->line, "hours", "cannot be with severity page: who is to be woken is told now",
               R"(severity = ["notify"])");
  }
  check_captures(rule.about, table, report);
  check_within(rule.about, table, scope.within, report);
  return rule;
}

}  // namespace walpulse::rules
