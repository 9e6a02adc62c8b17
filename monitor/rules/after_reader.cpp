#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

#include "monitor/rules/after.h"
#include "monitor/rules/fields.h"
#include "monitor/rules/includes.h"
#include "monitor/rules/keys.h"
#include "monitor/rules/pattern_reader.h"
#include "monitor/rules/placeholders.h"
#include "monitor/rules/route_reader.h"
#include "monitor/rules/table_checks.h"
#include "monitor/rules/value_readers.h"

namespace walpulse::rules {
namespace {

constexpr std::string_view kFileExample = R"(body_file = "dbt.json")";
constexpr std::string_view kBodyExample = R"(body = '{"cause": "{pipeline} run {run}"}')";
constexpr unsigned kRateMax = 100'000;

Result<void> take_ends(const Node& node, AfterRule& rule) {
  auto names = read_names(node, kEnds.size());
  if (!names) return forward(names);
  for (const std::string& name : *names) {
    if (std::ranges::count(kEnds, name) == 0) {
      return fail(ErrorKind::malformed, in_quotes(name) + " is not " + listed(kEnds));
    }
  }
  rule.is = *std::move(names);
  return {};
}

/// "20 per hour".
std::optional<Rate> rate_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::chrono::seconds>, 3> kPeriods = {
      {{" per minute", std::chrono::minutes(1)},
       {" per hour", std::chrono::hours(1)},
       {" per day", std::chrono::hours(24)}}};
  for (const auto& [words, per] : kPeriods) {
    if (!text.ends_with(words)) continue;
    text.remove_suffix(words.size());
    Rate rate{0, per};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate.count);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (rate.count == 0 || rate.count > kRateMax) return std::nullopt;
    return rate;
  }
  return std::nullopt;
}

Result<void> take_rate(const Node& node, AfterRule& rule) {
  rule.at_most = std::nullopt;
  if (is_off(node)) return {};
  const auto rate = rate_of(node.text);
  if (!rate) {
    return fail(ErrorKind::malformed,
                "is to be a number from 1 to 100000 and a time: 20 per minute, hour or day");
  }
  rule.at_most = rate;
  return {};
}

Result<void> take_age(const Node& node, AfterRule& rule) {
  const auto value = read_time_span(node);
  if (!value) return forward(value);
  const auto* age = std::get_if<Duration>(&*value);
  rule.not_older_than = age == nullptr ? std::nullopt : std::optional(*age);
  return {};
}

/// One name as it is.
Result<std::string> read_pipeline(const Node& node) {
  auto text = read_text(node);
  if (text && text->find_first_of("*{}") != std::string::npos) {
    return fail(ErrorKind::malformed, in_quotes(*text) + " is to be the name of one pipeline");
  }
  return text;
}

constexpr Field<AfterRule> kAfterFields[] = {
    {{"call", R"(call = "dbt")"},
     [](const Node& node, AfterRule& rule) { return put_into(read_text(node), rule.call.value); }},
    {{"is", R"(is = "completed")"}, take_ends},
    {{"starts", R"(starts = "dbt_daily")"},
     [](const Node& node, AfterRule& rule) {
       return put_into(read_pipeline(node), rule.starts.value);
     }},
    {{"not_older_than", R"(not_older_than = "1h")"}, take_age},
    {{"at_most", R"(at_most = "20 per hour")"}, take_rate},
};

/// Reads a body, and tells what is wrong with it: of a file in that file.
void take_body(const std::string& text, const NodeEntry& entry, const std::string& body_name,
               const FileScope& scope, AfterRule& rule) {
  const bool is_file = !body_name.empty();
  const std::string where = "is the body of [[after]] at " + scope.name + ":" +
                            std::to_string(rule.place.line) + ", and ";
  const auto tell = [&](int line, const std::string& what) {
    const std::string_view example = is_file ? R"({"run": "{run}"})" : kBodyExample;
    if (is_file) {
      Reporter(body_name, *scope.mistakes).add(line, entry.key, where + what, example);
    } else {
      scope.report().add(entry.line + std::max(line - 1, 0), entry.key, what, example);
    }
  };
  auto body = BodyTemplate::read(text);
  if (!body) return tell(body.error().line, body.error().what);
  for (const std::string& name : body->names()) {
    if (rule.about.always_captures(name)) continue;
    if (const auto fine = check_placeholder(name, kAfterNames); !fine) {
      const auto before = text.substr(0, text.find("{" + name + "}"));
      tell(1 + static_cast<int>(std::ranges::count(before, '\n')), fine.error().message);
    }
  }
  rule.body = *std::move(body);
}

void take_body_file(const NodeEntry& entry, const FileScope& scope,
                    std::span<const BodyText> bodies, AfterRule& rule) {
  Reporter report = scope.report();
  const auto path = read_text(entry.value);
  if (!path) return report.add(entry.line, entry.key, path.error().message, kFileExample);
  if (const auto trouble = trouble_with_path(*path)) {
    return report.add(entry.line, entry.key, *trouble, kFileExample);
  }
  const std::string name = (std::filesystem::path(scope.name).parent_path() / *path).string();
  const auto body = std::ranges::find(bodies, name, &BodyText::name);
  if (body == bodies.end() || !body->trouble.empty()) {
    return report.add(
        entry.line, entry.key,
        in_quotes(*path) + " " + (body == bodies.end() ? "is not beside this file" : body->trouble),
        kFileExample);
  }
  rule.body_file = *path;
  take_body(body->text, entry, name, scope, rule);
}

void check_after(const Node& table, Reporter report) {
  for (const std::string_view key : {"call", "is"}) {
    if (table.find(key) != nullptr) continue;
    report.add(table.line, key,
               key == "call" ? "is missing: [[after]] names the webhook that is called"
                             : "is missing: after which end the webhook is called",
               key == "call" ? kAfterFields[0].example : kAfterFields[1].example);
  }
  const Node* file = table.find("body_file");
  if (file != nullptr && table.find("body") != nullptr) {
    report.add(file->line, "body_file", "and body are two bodies: write one of them", kFileExample);
  }
}

}  // namespace

AfterRule read_after(const Node& table, const FileScope& scope, std::span<const BodyText> bodies) {
  Reporter report = scope.report();
  AfterRule rule;
  rule.place = {scope.file, table.line};
  rule.body = default_body();
  for (const NodeEntry& entry : table.entries) take_pattern_key(entry, rule.about, report);
  for (const NodeEntry& entry : table.entries) {
    if (find_match_key(entry.key) != nullptr) continue;
    if (entry.key == "call") rule.call.place = {scope.file, entry.line};
    if (entry.key == "starts") rule.starts.place = {scope.file, entry.line};
    if (entry.key == "body_file") {
      take_body_file(entry, scope, bodies, rule);
    } else if (entry.key == "body") {
      if (entry.value.kind == Node::Kind::text) {
        take_body(entry.value.text, entry, "", scope, rule);
      } else {
        report.add(entry.line, entry.key,
                   "is " + std::string(kind_of(entry.value)) + " and should be JSON, in quotes",
                   kBodyExample);
      }
    } else if (!take_field<AfterRule>(entry, kAfterFields, rule, report)) {
      auto known = examples_of(std::span<const Field<AfterRule>>(kAfterFields));
      known.insert(known.end(), {{"body", kBodyExample}, {"body_file", kFileExample}});
      for (const MatchKey& key : match_keys()) known.push_back({key.name, key.example});
      refuse_key(entry, "[[after]]", known, report);
    }
  }
  check_after(table, report);
  check_captures(rule.about, table, report);
  check_within(rule.about, table, scope.within, report);
  return rule;
}

std::vector<std::string> body_files_of(std::string_view text) {
  std::vector<std::string> files;
  const auto document = parse_document(text);
  const Node* list = document ? document->find("after") : nullptr;
  if (list == nullptr) return files;
  for (const Node& table : list->items) {
    const Node* file = table.find("body_file");
    if (file == nullptr || !read_text(*file) || trouble_with_path(file->text)) continue;
    if (std::ranges::count(files, file->text) == 0) files.push_back(file->text);
  }
  return files;
}

}  // namespace walpulse::rules
