#include "monitor/rules/table_checks.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace walpulse::rules {
namespace {

constexpr std::string_view kWholeName = "pipeline";

const Assignment* find(const std::vector<Assignment>& assignments, std::string_view name) {
  const auto found = std::ranges::find_if(assignments, [&](const Assignment& each) {
    return each.key->name == name && !std::holds_alternative<Off>(each.value);
  });
  return found == assignments.end() ? nullptr : &*found;
}

struct KeyPattern {
  std::string key;  ///< "match", "label.partner".
  const NamePattern* pattern = nullptr;
};

/// The patterns of a table with the keys that they stand under.
std::vector<KeyPattern> patterns_of(const SubjectPattern& table) {
  std::vector<KeyPattern> patterns;
  for (const auto& [key, pattern] :
       {std::pair("match", &table.match), {"source", &table.source}, {"trigger", &table.trigger}}) {
    if (*pattern) patterns.push_back({key, &**pattern});
  }
  for (const auto& [label, pattern] : table.labels) {
    patterns.push_back({"label." + label, &pattern});
  }
  return patterns;
}

/// The line of "match" or "label.partner"; the table's own where it has no such key.
int line_of(const Node& table, std::string_view key) {
  const std::size_t dot = key.find('.');
  const auto entry = std::ranges::find(table.entries, key.substr(0, dot), &NodeEntry::key);
  if (entry == table.entries.end()) return table.line;
  return dot == std::string_view::npos ? entry->line : line_of(entry->value, key.substr(dot + 1));
}

}  // namespace

void check_captures(const SubjectPattern& read, const Node& table, Reporter report) {
  const auto patterns = patterns_of(read);
  const auto captures = [](const KeyPattern& each, std::string_view name) {
    return std::ranges::count(each.pattern->capture_names(), name) > 0;
  };
  for (auto each = patterns.begin(); each != patterns.end(); ++each) {
    for (const auto name : each->pattern->capture_names()) {
      const auto twice = std::find_if(patterns.begin(), each, [&](const KeyPattern& earlier) {
        return captures(earlier, name);
      });
      if (name != kWholeName && twice == each) continue;
      report.add(line_of(table, each->key), each->key,
                 "captures {" + std::string(name) + "}, which is " +
                     (name == kWholeName ? "the pipeline's whole name"
                                         : "captured by " + twice->key + " too"),
                 R"(match = "fin_{system}_*")");
    }
  }
}

void check_texts(const RuleTable& read, Reporter report) {
  for (const Assignment& each : read.assignments) {
    const auto* text = std::get_if<TextTemplate>(&each.value);
    if (text == nullptr) continue;
    for (const auto name : text->names()) {
      if (name == kWholeName || read.about.always_captures(name)) continue;
      report.add(each.place.line, each.key->name,
                 "{" + std::string(name) + "} is not captured by every pattern of this table",
                 "match = \"fin_{" + std::string(name) + "}_*\"");
    }
  }
}

void check_within(const SubjectPattern& read, const Node& table, const std::vector<Glob>& within,
                  Reporter report) {
  if (within.empty()) return;
  std::string bounds;
  for (const Glob& bound : within) {
    bounds += (bounds.empty() ? "" : ", ") + in_quotes(bound.text());
  }
  const std::string example = "match = \"" + within.front().text() + "\"";
  const int line = line_of(table, "match");
  if (!read.match || read.match->wanted().empty()) {
    return report.add(
        line, "match",
        "is missing, which means every pipeline: this file may touch " + bounds + " only", example);
  }
  for (const Glob& glob : read.match->wanted()) {
    const bool inside =
        std::ranges::any_of(within, [&](const Glob& bound) { return bound.covers(glob); });
    if (inside) continue;
    report.add(line, "match",
               in_quotes(glob.text()) + " is not within " + bounds + ", which this file may touch",
               example);
  }
}

void check_together(const std::vector<Assignment>& here, const std::vector<Assignment>& defaults,
                    Reporter report) {
  const Assignment* runs = find(here, "runs");
  const auto excludes = [&](RunMode mode, std::string_view name, const std::string& why,
                            std::string_view example) {
    const Assignment* other = find(here, name);
    if (runs == nullptr || other == nullptr || std::get<RunMode>(runs->value) != mode) return;
    report.add(other->place.line, name, why, example);
  };
  for (const auto name :
       {"start_within", "max_duration", "done_by", "fresh_within", "expect_each"}) {
    excludes(RunMode::for_ever, name,
             "cannot be with runs = \"for_ever\": such a pipeline is told of when it is down",
             example_of("down_for"));
  }
  for (const RunMode mode : {RunMode::scheduled, RunMode::on_demand}) {
    excludes(mode, "down_for", "is only for runs = \"for_ever\": others are not always up",
             example_of("start_within"));
  }
  excludes(RunMode::on_demand, "start_within",
           "cannot be with runs = \"on_demand\": such a pipeline has no time to start at",
           example_of("fresh_within"));
  const Assignment* each = find(here, "expect_each");
  const auto sets = [&](std::string_view name) {
    return find(here, name) != nullptr || find(defaults, name) != nullptr;
  };
  if (each != nullptr && !sets("done_by") && !sets("fresh_within")) {
    report.add(each->place.line, "expect_each",
               "says who is expected, not by when: write done_by or fresh_within beside it",
               example_of("fresh_within"));
  }
}

}  // namespace walpulse::rules
