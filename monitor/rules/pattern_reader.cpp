#include "monitor/rules/pattern_reader.h"

#include <utility>

#include "monitor/rules/keys.h"

namespace walpulse::rules {
namespace {

void take_labels(const NodeEntry& entry, SubjectPattern& into, Reporter report) {
  if (entry.value.kind != Node::Kind::table) {
    return report.add(entry.line, entry.key, "is to name the label: label.NAME",
                      example_of(entry.key));
  }
  for (const NodeEntry& label : entry.value.entries) {
    if (!is_name(label.key)) {
      refuse_label_name(label, "label", report);
      continue;
    }
    std::optional<NamePattern> pattern;
    take_name_pattern(label.value, label.line, "label." + label.key, example_of(entry.key), pattern,
                      report);
    if (pattern) into.labels.emplace_back(label.key, *std::move(pattern));
  }
}

}  // namespace

bool take_pattern_key(const NodeEntry& entry, SubjectPattern& into, Reporter report) {
  const auto take = [&](std::optional<NamePattern>& pattern) {
    take_name_pattern(entry.value, entry.line, entry.key, example_of(entry.key), pattern, report);
    return true;
  };
  if (entry.key == "match") return take(into.match);
  if (entry.key == "source") return take(into.source);
  if (entry.key == "trigger") return take(into.trigger);
  if (entry.key != "label") return false;
  take_labels(entry, into, report);
  return true;
}

void take_name_pattern(const Node& node, int line, const std::string& key, std::string_view example,
                       std::optional<NamePattern>& into, Reporter report) {
  const auto texts = read_texts(node);
  auto read = texts ? NamePattern::read(*texts) : Result<NamePattern>(forward(texts));
  if (read) {
    into = *std::move(read);
  } else {
    report.add(line, key, read.error().message, example);
  }
}

void refuse_label_name(const NodeEntry& entry, const std::string& key, Reporter report) {
  report.add(entry.line, key, in_quotes(entry.key) + " cannot be a label (letters, digits and _)",
             example_of(key));
}

}  // namespace walpulse::rules
