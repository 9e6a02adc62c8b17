#include <algorithm>
#include <string>
#include <vector>

#include "decoder/base/json_dom.h"
#include "monitor/rules/after.h"
#include "monitor/rules/deadline.h"
#include "monitor/rules/expectations.h"
#include "monitor/rules/glob.h"
#include "monitor/rules/includes.h"
#include "monitor/rules/route_reader.h"
#include "monitor/rules/routes.h"
#include "monitor/rules/suggestion.h"
#include "tests/fuzz/fuzz.h"

// Input: a rules file, and behind the first NUL what a run is called.

namespace {

using namespace walpulse;

/// Whatever a pipeline is called, its pattern is its own, and what is suggested for it is in order.
void check_suggestion(const std::string& name) {
  rules::KnownPipeline known;
  known.source = "mage";
  known.pipeline = name;
  known.completed = rules::kRunsToJudge;
  known.usual = std::chrono::minutes(1);
  const auto pattern = rules::Glob::only(name);
  if (pattern) {
    const auto glob = rules::Glob::read(*pattern);
    fuzz::require(glob && glob->matches(name), "a name's own pattern matches it");
    fuzz::require(!glob->matches(name + "x"), "a name's own pattern matches no other");
  }
  std::string text = rules::suggested_rules({{known}});
  for (const bool marked : {true, false}) {
    if (!marked) {
      for (std::size_t at = 0; (at = text.find("\n#", at)) != std::string::npos; ++at) {
        if (at + 2 < text.size() && text[at + 2] != ' ' && text[at + 2] != '\n') {
          text.erase(at + 1, 1);
        }
      }
    }
    const std::vector<rules::RulesText> texts{{"suggested.toml", text}};
    const auto read = rules::read_rules(texts);
    fuzz::require(read.has_value(), "a suggestion is in order");
    const auto policy = policy_of(*read, {name, "mage", {}, {}});
    fuzz::require(policy.max_duration.value.has_value() == (pattern && !marked),
                  "a suggestion is about its pipeline, and holds without its marks");
  }
}

/// Whatever a run is called, it chooses neither who reads nor what a body is.
void check_routes(const rules::Rules& read, const rules::Subject& subject,
                  const rules::Policy& policy) {
  for (const auto severity : {rules::Severity::page, rules::Severity::notify}) {
    for (const auto& route : routes_of(read, subject, policy, severity, "failing")) {
      fuzz::require(route.target.find_first_of("\r\n<>\"") == std::string::npos,
                    "a target is one name, or a list of them");
      fuzz::require(!route.hours || severity != rules::Severity::page, "what pages is never held");
    }
  }
  const Timestamp now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28);
  if (const auto quiet = quiet_at(read, subject, now)) {
    fuzz::require(quiet->until > now && !quiet->reason.empty(), "what is quiet ends");
  }
  for (const rules::AfterRule* after : afters_of(read, subject, "COMPLETED")) {
    const auto body = after->body.render(values_of(read, *after, subject, rules::RunEnd()));
    fuzz::require(!json_broken_at(body), "a body is JSON");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text(data, size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  const std::string text(input.substr(0, end));
  const std::string name(input.substr(std::min(end + 1, input.size())));
  rules::includes_of(text);
  rules::body_files_of(text);
  check_suggestion(name);
  for (const bool bounded : {false, true}) {
    std::vector<rules::RulesText> texts{{"rules.toml", text, bounded, {}}};
    if (bounded) texts.front().within = {"fin_*"};
    const auto read = rules::read_rules(texts);
    if (!read) {
      fuzz::require(!read.error().empty(), "a refusal says what is wrong");
      for (const rules::Mistake& mistake : read.error()) {
        fuzz::require(!mistake.what.empty(), "a mistake says what is wrong");
        fuzz::require(
            std::ranges::none_of(to_string(mistake), [](unsigned char c) { return c < 0x20; }),
            "a mistake is one line");
      }
      continue;
    }
    const rules::Subject subject{name, name, name, {{"partner", name}}};
    const auto policy = policy_of(*read, subject);
    check_routes(*read, subject, policy);
    fuzz::require(rows_of(policy).size() >= 14, "every key has its row");
    for (const rules::PolicyRow& row : rows_of(policy)) {
      const bool touched = row.place.line != 0;
      fuzz::require(!bounded || !touched || name.starts_with("fin_"), "nothing leaves its bounds");
    }
    if (policy.done_by.value) {
      const auto deadline = next_deadline(*policy.done_by.value, read->time_zone, Timestamp());
      fuzz::require(previous_deadline(*policy.done_by.value, read->time_zone, deadline) == deadline,
                    "a deadline is its own previous one");
    }
    for (const auto& each : disappointments(*read)) {
      fuzz::require(each.expected != each.got, "what is as expected is no disappointment");
    }
  }
  return 0;
}
