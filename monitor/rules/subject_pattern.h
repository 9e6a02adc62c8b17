#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "monitor/rules/name_pattern.h"

namespace walpulse::rules {

/// What rules are asked for.
struct Subject {
  std::string pipeline;                ///< Empty: a source as a whole.
  std::optional<std::string> source;   ///< Unknown: tables that name a source do not match.
  std::optional<std::string> trigger;  ///< Its name; unknown likewise.
  std::map<std::string, std::string, std::less<>> labels;
};

/// What a table is about: its keys match, source, trigger and label. Without any: everything.
struct SubjectPattern {
  std::optional<NamePattern> match, source, trigger;
  std::vector<std::pair<std::string, NamePattern>> labels;

  /// Appends to `captures` what the patterns captured, the views being of both; may append where it
  /// does not match.
  bool matches(const Subject& subject, Captures& captures) const;
  bool names_something() const { return match || source || trigger || !labels.empty(); }
  /// Whether every subject that matches has a capture of this name.
  bool always_captures(std::string_view name) const;
};

/// What it is about, key by key, so that two that are about different things read differently.
std::string to_string(const SubjectPattern& pattern);

}  // namespace walpulse::rules
