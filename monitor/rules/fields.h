#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/rules/reporter.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// A key of one kind of table, with a line that is right.
struct KeyExample {
  std::string_view name;
  std::string_view example;
};

/// A key of one kind of table, and how its value is read: malformed with what is wrong, in words
/// that follow "KEY: ".
template <class Rule>
struct Field : KeyExample {
  Result<void> (*take)(const Node& node, Rule& rule) = nullptr;
};

/// Reads an entry into the rule; false where its key is none of these.
template <class Rule>
bool take_field(const NodeEntry& entry, std::span<const Field<Rule>> fields, Rule& rule,
                Reporter report) {
  for (const Field<Rule>& field : fields) {
    if (field.name != entry.key) continue;
    const auto taken = field.take(entry.value, rule);
    if (!taken) report.add(entry.line, entry.key, taken.error().message, field.example);
    return true;
  }
  return false;
}

template <class Rule>
std::vector<KeyExample> examples_of(std::span<const Field<Rule>> fields) {
  return {fields.begin(), fields.end()};
}

/// Tells that a table has no such key, and which was probably meant; without one that is near, the
/// example is that of the first.
void refuse_key(const NodeEntry& entry, const std::string& table,
                const std::vector<KeyExample>& known, Reporter report);

/// Puts what was read where it belongs.
template <class T, class Into>
Result<void> put_into(Result<T> read, Into& into) {
  if (!read) return forward(std::move(read));
  into = *std::move(read);
  return {};
}

}  // namespace walpulse::rules
