#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// What is wrong with one file, rules.toml, as people read it.
inline std::vector<std::string> mistakes_in(const std::string& text) {
  const std::vector<RulesText> texts{{"rules.toml", text}};
  const auto rules = read_rules(texts);
  std::vector<std::string> lines;
  if (rules) return lines;
  for (const Mistake& mistake : rules.error()) lines.push_back(to_string(mistake));
  return lines;
}

/// One file that has no mistakes.
inline Rules rules_of(const std::string& text) {
  const std::vector<RulesText> texts{{"rules.toml", text}};
  auto rules = read_rules(texts);
  EXPECT_TRUE(rules) << (rules ? "" : to_string(rules.error().front()));
  return rules ? *std::move(rules) : Rules();
}

inline Policy policy_for(const std::string& text, const std::string& pipeline) {
  return policy_of(rules_of(text), {pipeline, {}, {}, {}});
}

/// "KEY = VALUE (PLACE)" of one key; "" where it has no row.
inline std::string row(const Rules& rules, const Subject& subject, const std::string& key) {
  for (const PolicyRow& each : rows_of(policy_of(rules, subject))) {
    if (each.key == key) return each.value + " (" + to_string(rules, each.place) + ")";
  }
  return "";
}

}  // namespace walpulse::rules
