#include <array>
#include <charconv>
#include <optional>

#include "monitor/rules/fields.h"
#include "monitor/rules/keys.h"
#include "monitor/rules/pattern_reader.h"
#include "monitor/rules/route_reader.h"
#include "monitor/rules/table_checks.h"
#include "monitor/rules/value_readers.h"
#include "monitor/rules/week_words.h"

namespace walpulse::rules {
namespace {

constexpr std::string_view kFromExample = R"(from = "2026-11-28 02:00")";
constexpr std::string_view kUntilExample = R"(until = "2026-11-28 04:00")";
constexpr std::string_view kReasonExample = R"(reason = "CHG-1201")";

constexpr Field<QuietRule> kQuietFields[] = {
    {{"every", R"(every = "Sun 02:00-04:00")"},
     [](const Node& node, QuietRule& rule) -> Result<void> {
       const auto texts = read_texts(node);
       if (!texts) return forward(texts);
       auto hours = WeeklyHours::read(*texts);
       if (!hours) return forward(hours);
       rule.every = *std::move(hours);
       return {};
     }},
    {{"reason", kReasonExample},
     [](const Node& node, QuietRule& rule) { return put_into(read_text(node), rule.reason); }},
};

std::optional<int> number_of(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-') {
    return std::nullopt;
  }
  return number;
}

/// "2026-11-28 02:00", by the clocks of the zone.
std::optional<Timestamp> local_time(std::string_view text, const TimeZone& zone) {
  if (text.size() != 16 || text[4] != '-' || text[7] != '-' || text[10] != ' ') return std::nullopt;
  const auto year = number_of(text.substr(0, 4));
  const auto month = number_of(text.substr(5, 2));
  const auto day = number_of(text.substr(8, 2));
  const auto minute = minute_of_day(text.substr(11));
  if (!year || !month || !day || !minute) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970) return std::nullopt;
  return zone.to_utc(std::chrono::local_days(date) + std::chrono::minutes(*minute));
}

void take_time(const NodeEntry& entry, const TimeZone& zone, std::string_view example,
               Timestamp& into, Reporter report) {
  const auto time = local_time(entry.value.text, zone);
  if (time) {
    into = *time;
  } else {
    report.add(entry.line, entry.key,
               (entry.value.kind == Node::Kind::text ? in_quotes(entry.value.text)
                                                     : "is " + std::string(kind_of(entry.value))) +
                   " and should be a day and a time of it, YYYY-MM-DD HH:MM, in quotes",
               example);
  }
}

void check_times(const QuietRule& rule, const Node& table, Reporter report) {
  const Node* from = table.find("from");
  const Node* until = table.find("until");
  if (table.find("every") != nullptr && (from != nullptr || until != nullptr)) {
    const Node* other = from != nullptr ? from : until;
    return report.add(other->line, from != nullptr ? "from" : "until",
                      "and every are two times: write a table for each",
                      R"(every = "Sun 02:00-04:00")");
  }
  if (table.find("every") != nullptr) return;
  if (until == nullptr) {
    return report.add(from != nullptr ? from->line : table.line, "until",
                      from != nullptr ? "is missing: what is planned has an end"
                                      : "is missing: or every, the hours that are quiet each week",
                      kUntilExample);
  }
  if (from != nullptr && rule.until <= rule.from && rule.from != kMinusInfinity &&
      rule.until != kMinusInfinity) {
    report.add(until->line, "until", "is not after from", kUntilExample);
  }
}

}  // namespace

QuietRule read_quiet(const Node& table, const FileScope& scope, const TimeZone& zone) {
  Reporter report = scope.report();
  QuietRule rule;
  rule.place = {scope.file, table.line};
  for (const NodeEntry& entry : table.entries) {
    if (take_pattern_key(entry, rule.about, report)) continue;
    if (entry.key == "from") {
      take_time(entry, zone, kFromExample, rule.from, report);
    } else if (entry.key == "until") {
      take_time(entry, zone, kUntilExample, rule.until, report);
    } else if (!take_field<QuietRule>(entry, kQuietFields, rule, report)) {
      auto known = examples_of(std::span<const Field<QuietRule>>(kQuietFields));
      known.insert(known.end(), {{"from", kFromExample}, {"until", kUntilExample}});
      for (const MatchKey& key : match_keys()) known.push_back({key.name, key.example});
      refuse_key(entry, "[[quiet]]", known, report);
    }
  }
  check_times(rule, table, report);
  if (table.find("reason") == nullptr) {
    report.add(table.line, "reason", "is missing: who looks is to see why nobody was told",
               kReasonExample);
  }
  check_captures(rule.about, table, report);
  check_within(rule.about, table, scope.within, report);
  return rule;
}

}  // namespace walpulse::rules
