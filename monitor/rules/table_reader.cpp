#include "monitor/rules/table_reader.h"

#include "monitor/rules/pattern_reader.h"
#include "monitor/rules/table_checks.h"
#include "publisher/config/nearest.h"

namespace walpulse::rules {
namespace {

constexpr std::string_view kDefaultsTable = "[defaults]";
constexpr std::string_view kPipelineTable = "[[pipeline]]";
constexpr std::string_view kExpectTable = "[[expect]]";

constexpr std::string_view kPipeline = "pipeline";

}  // namespace

RuleTable TableReader::defaults(const Node& table) {
  RuleTable read;
  read.place = {file_, table.line};
  for (const NodeEntry& entry : table.entries) {
    if (find_match_key(entry.key) != nullptr) {
      report_.add(entry.line, entry.key,
                  "[defaults] holds for every pipeline; what holds for some is a [[pipeline]]",
                  example_of("severity"));
    } else if (const Key* key = find_key(entry.key)) {
      take_key(*key, entry, read.assignments);
    } else {
      refuse_unknown(entry, kDefaultsTable);
    }
  }
  if (table.entries.empty()) {
    report_.add(table.line, "", std::string(kDefaultsTable) + " sets nothing",
                example_of("severity"));
  }
  check_texts(read, report_);
  check_together(read.assignments, {}, report_);
  return read;
}

RuleTable TableReader::pipeline(const Node& table, const std::vector<Assignment>& defaults) {
  RuleTable read;
  read.place = {file_, table.line};
  bool sets_something = false;
  for (const NodeEntry& entry : table.entries) {
    if (take_pattern_key(entry, read.about, report_)) continue;
    if (const Key* key = find_key(entry.key)) {
      sets_something = true;
      take_key(*key, entry, read.assignments);
    } else {
      sets_something = true;
      refuse_unknown(entry, kPipelineTable);
    }
  }
  if (!sets_something) {
    report_.add(table.line, "", std::string(kPipelineTable) + " sets nothing",
                example_of("severity"));
  }
  check_captures(read.about, table, report_);
  check_texts(read, report_);
  check_within(read.about, table, within_, report_);
  check_together(read.assignments, defaults, report_);
  return read;
}

Expectation TableReader::expectation(const Node& table) {
  Expectation read;
  read.place = {file_, table.line};
  bool expects_something = false;
  for (const NodeEntry& entry : table.entries) {
    if (entry.key == kPipeline || (find_match_key(entry.key) != nullptr && entry.key != "match")) {
      take_subject(entry, read.subject);
    } else if (entry.key == "to") {
      expects_something = true;
      take_channels(entry, read);
    } else if (entry.key == "when") {
      take_kind(entry, read);
    } else if (const Key* key = find_key(entry.key)) {
      expects_something = true;
      take_key(*key, entry, read.assignments);
    } else {
      expects_something = true;
      refuse_unknown(entry, kExpectTable);
    }
  }
  if (table.find(kPipeline) == nullptr) {
    report_.add(table.line, kPipeline, "is missing: [[expect]] is about one pipeline",
                example_of(kPipeline));
  }
  if (!expects_something) {
    report_.add(table.line, "", std::string(kExpectTable) + " expects nothing",
                example_of("severity"));
  }
  RuleTable nothing_captured;
  nothing_captured.assignments = read.assignments;
  check_texts(nothing_captured, report_);
  return read;
}

void TableReader::take_key(const Key& key, const NodeEntry& entry, std::vector<Assignment>& into) {
  if (!key.has_labels) return take_value(key, "", entry, into);
  if (is_off(entry.value)) {
    into.push_back({&key, "", Off(), {file_, entry.line}});
  } else if (entry.value.kind != Node::Kind::table) {
    report_.add(entry.line, key.name, "is to name the label: " + std::string(key.name) + ".NAME",
                key.example);
  } else {
    for (const NodeEntry& label : entry.value.entries) {
      if (is_name(label.key)) {
        take_value(key, label.key, label, into);
      } else {
        refuse_label_name(label, std::string(key.name), report_);
      }
    }
  }
}

void TableReader::take_value(const Key& key, const std::string& label, const NodeEntry& entry,
                             std::vector<Assignment>& into) {
  auto value = key.read(entry.value);
  if (value) {
    into.push_back({&key, label, *std::move(value), {file_, entry.line}});
    return;
  }
  const std::string name = std::string(key.name) + (label.empty() ? "" : "." + label);
  report_.add(entry.line, name, value.error().message, key.example);
}

void TableReader::take_subject(const NodeEntry& entry, Subject& subject) {
  if (entry.key == kPipeline) {
    subject.pipeline = literal(entry, entry.key);
  } else if (entry.key == "source") {
    subject.source = literal(entry, entry.key);
  } else if (entry.key == "trigger") {
    subject.trigger = literal(entry, entry.key);
  } else if (entry.value.kind != Node::Kind::table) {
    report_.add(entry.line, entry.key, "is to name the label: label.NAME", example_of(entry.key));
  } else {
    for (const NodeEntry& label : entry.value.entries) {
      if (!is_name(label.key)) {
        refuse_label_name(label, "label", report_);
        continue;
      }
      subject.labels[label.key] =
          literal({entry.key, label.line, label.value}, "label." + label.key);
    }
  }
}

void TableReader::take_channels(const NodeEntry& entry, Expectation& into) {
  into.to = Placed<Names>{{}, {file_, entry.line}};
  if (is_off(entry.value)) return;
  auto names = read_names(entry.value, kChannelsMax);
  if (names) {
    into.to->value = *std::move(names);
  } else {
    report_.add(entry.line, entry.key, names.error().message, example_of(entry.key));
  }
}

void TableReader::take_kind(const NodeEntry& entry, Expectation& into) {
  const auto kind = monitor::problem_kind(entry.value.text);
  if (kind) {
    into.when = *kind;
  } else {
    report_.add(entry.line, entry.key, "is to be one kind of problem, in quotes",
                example_of(entry.key));
  }
}

/// A name as it is, with no wildcards.
std::string TableReader::literal(const NodeEntry& entry, const std::string& key) {
  if (entry.value.kind == Node::Kind::text && !entry.value.text.empty()) return entry.value.text;
  report_.add(entry.line, key, "is to be one name, in quotes",
              entry.key == "trigger" ? R"(trigger = "nightly")" : example_of(entry.key));
  return "";
}

void TableReader::refuse_unknown(const NodeEntry& entry, std::string_view table) {
  if (entry.key == "time_zone") {
    return report_.add(entry.line, entry.key,
                       "stands at the top of its file, before the first table",
                       R"(time_zone = "Europe/Lisbon")");
  }
  std::vector<std::string_view> known;
  for (const Key& key : keys()) known.push_back(key.name);
  if (table == kPipelineTable) {
    for (const MatchKey& key : match_keys()) known.push_back(key.name);
  }
  if (table == kExpectTable) {
    known.insert(known.end(), {kPipeline, "source", "trigger", "label", "to", "when"});
  }
  const std::string meant(report_.is_full() ? "" : config::nearest(entry.key, known));
  report_.add(entry.line, in_quotes(entry.key),
              "is not a key of " + std::string(table) +
                  (meant.empty() ? "" : "; did you mean " + meant + "?"),
              example_of(meant));
}

}  // namespace walpulse::rules
