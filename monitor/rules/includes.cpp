#include "monitor/rules/includes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "monitor/rules/glob.h"
#include "monitor/rules/keys.h"
#include "publisher/config/nearest.h"

namespace walpulse::rules {
namespace {

constexpr std::array<std::string_view, 2> kIncludeKeys = {"files", "within"};
constexpr std::string_view kFilesExample = R"(files = "teams/fin/*.toml")";
constexpr std::string_view kWithinExample = R"(within = "fin_*")";

/// What is wrong with a path; nothing where it stays in its folder.
std::optional<std::string> trouble_with(const std::string& path) {
  if (!Glob::read(path)) return Glob::read(path).error().message;
  if (path.find('\\') != std::string::npos) return in_quotes(path) + " has a \\";
  if (path.find('{') != std::string::npos) return in_quotes(path) + " captures from file names";
  if (path.starts_with('/')) return in_quotes(path) + " is not relative to this file";
  std::string_view rest = path;
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty()) return in_quotes(path) + " has an empty part";
    if (part == "..") return in_quotes(path) + " leads out of this file's folder";
    if (slash == std::string_view::npos) return std::nullopt;
    if (part.find('*') != std::string_view::npos) {
      return in_quotes(path) + " has a * before its last part";
    }
    rest.remove_prefix(slash + 1);
  }
}

std::vector<std::string> read_files(const NodeEntry& entry, Reporter report) {
  const auto texts = read_texts(entry.value);
  if (!texts) report.add(entry.line, entry.key, texts.error().message, kFilesExample);
  std::vector<std::string> files;
  for (const std::string& path : texts ? *texts : std::vector<std::string>()) {
    if (const auto trouble = trouble_with(path)) {
      report.add(entry.line, entry.key, *trouble, kFilesExample);
    } else {
      files.push_back(path);
    }
  }
  return files;
}

std::vector<std::string> read_within(const NodeEntry& entry, Reporter report) {
  const auto texts = read_texts(entry.value);
  if (!texts) report.add(entry.line, entry.key, texts.error().message, kWithinExample);
  std::vector<std::string> within;
  for (const std::string& text : texts ? *texts : std::vector<std::string>()) {
    const auto glob = Glob::read(text);
    if (!glob) {
      report.add(entry.line, entry.key, glob.error().message, kWithinExample);
    } else if (text.starts_with('!') || !glob->capture_names().empty()) {
      report.add(entry.line, entry.key, in_quotes(text) + " is to be text and * alone",
                 kWithinExample);
    } else {
      within.push_back(text);
    }
  }
  return within;
}

}  // namespace

std::optional<std::string> trouble_with_path(const std::string& path) {
  if (path.find('*') != std::string::npos) return in_quotes(path) + " is to name one file";
  return trouble_with(path);
}

Include read_include(const Node& table, Reporter report) {
  Include include;
  include.line = table.line;
  for (const NodeEntry& entry : table.entries) {
    if (entry.key == "files") {
      include.files = read_files(entry, report);
    } else if (entry.key == "within") {
      include.within = read_within(entry, report);
    } else {
      const std::string meant(config::nearest(entry.key, kIncludeKeys));
      report.add(
          entry.line, in_quotes(entry.key),
          "is not a key of [[include]]" + (meant.empty() ? "" : "; did you mean " + meant + "?"),
          meant == "within" ? kWithinExample : kFilesExample);
    }
  }
  if (table.find("files") == nullptr) {
    report.add(table.line, "files", "is missing: [[include]] names files", kFilesExample);
  }
  return include;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  const auto document = parse_document(text);
  const Node* list = document ? document->find("include") : nullptr;
  if (list == nullptr || list->kind != Node::Kind::list) return includes;
  MistakeList untold;
  const std::string nameless;
  for (const Node& table : list->items) {
    if (table.kind != Node::Kind::table) continue;
    includes.push_back(read_include(table, Reporter(nameless, untold)));
  }
  return includes;
}

}  // namespace walpulse::rules
