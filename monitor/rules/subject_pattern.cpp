#include "monitor/rules/subject_pattern.h"

#include <algorithm>

namespace walpulse::rules {
namespace {

bool lets_in(const std::optional<NamePattern>& pattern, const std::optional<std::string>& name,
             Captures& captures) {
  return !pattern || (name && pattern->matches(*name, captures));
}

}  // namespace

bool SubjectPattern::matches(const Subject& subject, Captures& captures) const {
  if (match && !match->matches(subject.pipeline, captures)) return false;
  if (!lets_in(source, subject.source, captures)) return false;
  if (!lets_in(trigger, subject.trigger, captures)) return false;
  return std::ranges::all_of(labels, [&](const auto& label) {
    const auto found = subject.labels.find(label.first);
    return found != subject.labels.end() && label.second.matches(found->second, captures);
  });
}

bool SubjectPattern::always_captures(std::string_view name) const {
  for (const auto* pattern : {&match, &source, &trigger}) {
    if (*pattern && (*pattern)->always_captures(name)) return true;
  }
  return std::ranges::any_of(labels,
                             [&](const auto& label) { return label.second.always_captures(name); });
}

std::string to_string(const SubjectPattern& pattern) {
  std::string text;
  const auto add = [&](const std::string& key, const NamePattern& names) {
    for (const std::string& each : names.texts()) text.append(key + '=' + each + '\n');
  };
  if (pattern.match) add("match", *pattern.match);
  if (pattern.source) add("source", *pattern.source);
  if (pattern.trigger) add("trigger", *pattern.trigger);
  for (const auto& [name, names] : pattern.labels) add("label." + name, names);
  return text;
}

}  // namespace walpulse::rules
