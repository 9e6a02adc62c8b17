#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/value_readers.h"

namespace walpulse::rules {

/// The single place that says what a key of [[pipeline]] may be and what it sets. Three kinds of
/// tables have these keys: [defaults], [[pipeline]] and [[expect]].
struct Key {
  std::string_view name;
  std::string_view example;  ///< A line that is right.
  Result<Value> (*read)(const Node& node) = nullptr;
  /// Sets it. `label` is the NAME of expect_each.NAME.
  void (*apply)(const Value& value, const std::string& label, const Captures& captures, Place place,
                Policy& policy) = nullptr;
  /// Appends its row; of expect_each one for each label.
  void (*show)(const Policy& policy, std::vector<PolicyRow>& rows) = nullptr;
  bool has_labels = false;  ///< Is a table of labels: expect_each.NAME.
};

std::span<const Key> keys();
/// Null where there is none of this name.
const Key* find_key(std::string_view name);

/// A key that says which pipelines a table is about: match, source, trigger and label.
struct MatchKey {
  std::string_view name;
  std::string_view example;
};

std::span<const MatchKey> match_keys();
const MatchKey* find_match_key(std::string_view name);

/// A line that is right, with any key of any of the three tables; for a name that is none, with
/// severity.
std::string_view example_of(std::string_view name);

}  // namespace walpulse::rules
