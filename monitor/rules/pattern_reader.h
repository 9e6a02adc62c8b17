#pragma once

#include <optional>
#include <string>

#include "monitor/rules/reporter.h"
#include "monitor/rules/subject_pattern.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// Reads `match`, `source`, `trigger` or `label` of a table into its pattern; false where the entry
/// is another key. What is wrong is told to the reporter.
bool take_pattern_key(const NodeEntry& entry, SubjectPattern& into, Reporter report);

/// A pattern for names under any key, told of with this example where it is wrong.
void take_name_pattern(const Node& node, int line, const std::string& key, std::string_view example,
                       std::optional<NamePattern>& into, Reporter report);

void refuse_label_name(const NodeEntry& entry, const std::string& key, Reporter report);

}  // namespace walpulse::rules
