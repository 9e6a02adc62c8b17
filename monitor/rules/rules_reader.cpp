#include <algorithm>
#include <array>

#include "monitor/rules/channel_reader.h"
#include "monitor/rules/includes.h"
#include "monitor/rules/route_checks.h"
#include "monitor/rules/route_reader.h"
#include "monitor/rules/rules.h"
#include "monitor/rules/table_reader.h"
#include "publisher/config/nearest.h"

namespace walpulse::rules {
namespace {

constexpr std::string_view kZoneExample = R"(time_zone = "Europe/Lisbon")";

/// What stands at the top of a file, and how it is written.
struct TopKey {
  std::string_view name;
  std::string_view form;
};
constexpr std::array<TopKey, 10> kTopKeys = {{{"time_zone", "time_zone"},
                                              {"defaults", "[defaults]"},
                                              {"include", "[[include]]"},
                                              {"pipeline", "[[pipeline]]"},
                                              {"channel", "[channel.data]"},
                                              {"notify", "[[notify]]"},
                                              {"quiet", "[[quiet]]"},
                                              {"after", "[[after]]"},
                                              {"deadman", "[deadman]"},
                                              {"expect", "[[expect]]"}}};
/// Words of the grammar that come later.
constexpr std::array<std::string_view, 2> kLaterKeys = {"check", "dataset"};

template <class Table>
TableIndex index_of(const std::vector<Table>& tables) {
  std::vector<const SubjectPattern*> patterns;
  patterns.reserve(tables.size());
  for (const Table& table : tables) patterns.push_back(&table.about);
  return TableIndex(patterns);
}

struct Document {
  const RulesText* text = nullptr;
  Node top;
  std::vector<Glob> within;
};

class RulesReader {
 public:
  RulesReader(std::span<const RulesText> texts, std::span<const BodyText> bodies)
      : texts_(texts), bodies_(bodies) {}

  tl::expected<Rules, Mistakes> read();

 private:
  bool is_within_bounds();
  void parse_all();
  void check_top(const Document& document, Reporter report);
  void take_time_zone(const Document& document, Reporter report);
  void take_defaults(const Document& document, std::size_t file, Reporter report);
  void take_tables(const Document& document, std::size_t file, Reporter report);
  void take_channels(const Document& document, std::size_t file, Reporter report);
  void take_deadman(const Document& document, std::size_t file, Reporter report);
  void take_routes(const Document& document, std::size_t file, Reporter report);
  /// The tables of [[name]]; none, and told, where it is written otherwise.
  std::vector<const Node*> tables(const Document& document, std::string_view name, Reporter report);
  Reporter reporter(const Document& document) { return {document.text->name, mistakes_}; }
  Mistakes sorted_mistakes();

  std::span<const RulesText> texts_;
  std::span<const BodyText> bodies_;
  std::vector<Document> documents_;
  std::string zone_place_, defaults_place_, deadman_place_;  ///< Empty: nowhere yet.
  Rules rules_;
  MistakeList mistakes_;
};

bool RulesReader::is_within_bounds() {
  std::size_t bytes = 0;
  for (const RulesText& text : texts_) bytes += text.text.size();
  std::string what;
  if (bytes > kRulesBytesMax) what = "the files have more than 4 MiB together";
  if (texts_.size() > kFilesMax) what = "there are more than 1000 files";
  if (!what.empty()) mistakes_.add({texts_.front().name, 0, "", what, ""});
  return what.empty();
}

void RulesReader::parse_all() {
  for (const RulesText& text : texts_) {
    rules_.files.push_back(text.name);
    Document document{&text, {}, {}};
    for (const std::string& within : text.within) {
      if (auto glob = Glob::read(within)) document.within.push_back(*std::move(glob));
    }
    if (auto parsed = parse_document(text.text)) {
      document.top = *std::move(parsed);
    } else {
      mistakes_.add({text.name, parsed.error().line, "", "is not TOML: " + parsed.error().what,
                     R"(severity = "page")"});
    }
    documents_.push_back(std::move(document));
  }
}

void RulesReader::check_top(const Document& document, Reporter report) {
  for (const NodeEntry& entry : document.top.entries) {
    if (std::ranges::find(kTopKeys, entry.key, &TopKey::name) != kTopKeys.end()) continue;
    if (std::ranges::count(kLaterKeys, entry.key) > 0) {
      report.add(entry.line, entry.key, "is not understood by this version yet", "[[pipeline]]");
      continue;
    }
    if (const Key* key = find_key(entry.key)) {
      report.add(entry.line, entry.key,
                 "belongs into a table: write [defaults] or [[pipeline]] above it", key->example);
      continue;
    }
    std::array<std::string_view, kTopKeys.size()> known;
    std::ranges::transform(kTopKeys, known.begin(), &TopKey::name);
    const std::string_view near = report.is_full() ? "" : config::nearest(entry.key, known);
    const auto* const meant = std::ranges::find(kTopKeys, near, &TopKey::name);
    const bool found = meant != kTopKeys.end();
    const std::string form(found ? meant->form : "[[pipeline]]");
    report.add(entry.line, in_quotes(entry.key),
               "is not a key of a rules file" + (found ? "; did you mean " + form + "?" : ""),
               form == "time_zone" ? kZoneExample : form);
  }
}

void RulesReader::take_time_zone(const Document& document, Reporter report) {
  const auto entry = std::ranges::find(document.top.entries, "time_zone", &NodeEntry::key);
  if (entry == document.top.entries.end()) return;
  const auto refuse = [&](const std::string& what) {
    report.add(entry->line, entry->key, what, kZoneExample);
  };
  if (!document.within.empty()) {
    return refuse("holds for all rules: a file that may touch some pipelines cannot set it");
  }
  if (!zone_place_.empty()) return refuse("is set at " + zone_place_ + " already");
  zone_place_ = document.text->name + ":" + std::to_string(entry->line);
  if (entry->value.kind != Node::Kind::text) {
    return refuse("is " + std::string(kind_of(entry->value)) + " and should be a name in quotes");
  }
  auto zone = TimeZone::named(entry->value.text);
  if (!zone) return refuse(to_string(zone.error()));
  rules_.time_zone = *std::move(zone);
}

void RulesReader::take_defaults(const Document& document, std::size_t file, Reporter report) {
  const auto entry = std::ranges::find(document.top.entries, "defaults", &NodeEntry::key);
  if (entry == document.top.entries.end()) return;
  const auto refuse = [&](const std::string& what) {
    report.add(entry->line, entry->key, what, "[defaults]");
  };
  if (entry->value.kind != Node::Kind::table) return refuse("is one table: write [defaults]");
  if (!document.within.empty()) {
    return refuse("holds for every pipeline: a file that may touch some cannot have it");
  }
  if (!defaults_place_.empty()) return refuse("stands at " + defaults_place_ + " already");
  defaults_place_ = document.text->name + ":" + std::to_string(entry->line);
  ++rules_.table_count;
  rules_.tables.push_back(TableReader(file, {}, report).defaults(entry->value));
}

std::vector<const Node*> RulesReader::tables(const Document& document, std::string_view name,
                                             Reporter report) {
  std::vector<const Node*> found;
  const auto entry = std::ranges::find(document.top.entries, name, &NodeEntry::key);
  if (entry == document.top.entries.end()) return found;
  const std::string form = "[[" + std::string(name) + "]]";
  const auto refuse = [&](int line) {
    report.add(line, name, "there may be several: write " + form, form);
  };
  if (entry->value.kind != Node::Kind::list) {
    refuse(entry->line);
    return found;
  }
  for (const Node& item : entry->value.items) {
    if (item.kind != Node::Kind::table) {
      refuse(item.line);
    } else if (++rules_.table_count <= kTablesMax) {
      found.push_back(&item);
    }
  }
  return found;
}

void RulesReader::take_tables(const Document& document, std::size_t file, Reporter report) {
  for (const Node* table : tables(document, "include", report)) {
    if (document.text->included) {
      report.add(table->line, "include", "stands in a file that is included itself",
                 "[[pipeline]]");
    } else {
      read_include(*table, report);
    }
  }
  std::vector<Assignment> defaults;
  if (!defaults_place_.empty()) defaults = rules_.tables.front().assignments;
  TableReader reader(file, document.within, report);
  for (const Node* table : tables(document, "pipeline", report)) {
    rules_.tables.push_back(reader.pipeline(*table, defaults));
  }
  for (const Node* table : tables(document, "expect", report)) {
    rules_.expectations.push_back(reader.expectation(*table));
  }
}

void RulesReader::take_channels(const Document& document, std::size_t file, Reporter report) {
  const auto entry = std::ranges::find(document.top.entries, "channel", &NodeEntry::key);
  if (entry == document.top.entries.end()) return;
  if (entry->value.kind != Node::Kind::table) {
    return report.add(entry->line, "channel", "is to be named: write [channel.NAME]",
                      "[channel.data]");
  }
  for (const NodeEntry& each : entry->value.entries) {
    if (!document.within.empty()) {
      // It names files of secrets, and where they are sent.
      report.add(each.line, "channel", "stands in a file that may touch some pipelines only",
                 "[[notify]]");
      continue;
    }
    ++rules_.table_count;
    auto channel = read_channel(each, file, report);
    const auto earlier = std::ranges::find(rules_.channels, each.key, &ChannelRule::name);
    if (earlier != rules_.channels.end()) {
      report.add(
          each.line, "channel",
          in_quotes(each.key) + " stands at " + to_string(rules_, earlier->place) + " already",
          "[channel.data]");
    } else if (rules_.channels.size() == kChannelsMax) {
      report.add(each.line, "channel", "is one of more than 200", "[[notify]]");
    } else {
      rules_.channels.push_back(std::move(channel));
    }
  }
}

void RulesReader::take_deadman(const Document& document, std::size_t file, Reporter report) {
  const auto entry = std::ranges::find(document.top.entries, "deadman", &NodeEntry::key);
  if (entry == document.top.entries.end()) return;
  const auto refuse = [&](const std::string& what) {
    report.add(entry->line, entry->key, what, "[deadman]");
  };
  if (entry->value.kind != Node::Kind::table) return refuse("is one table: write [deadman]");
  if (!document.within.empty())
    return refuse("stands in a file that may touch some pipelines only");
  if (!deadman_place_.empty()) return refuse("stands at " + deadman_place_ + " already");
  deadman_place_ = document.text->name + ":" + std::to_string(entry->line);
  ++rules_.table_count;
  rules_.deadman = read_deadman(*entry, file, report);
}

void RulesReader::take_routes(const Document& document, std::size_t file, Reporter report) {
  take_channels(document, file, report);
  take_deadman(document, file, report);
  const FileScope scope{file, document.text->name, document.within, &mistakes_};
  for (const Node* table : tables(document, "notify", report)) {
    rules_.notifies.push_back(read_notify(*table, scope));
  }
  for (const Node* table : tables(document, "quiet", report)) {
    rules_.quiets.push_back(read_quiet(*table, scope, rules_.time_zone));
  }
  for (const Node* table : tables(document, "after", report)) {
    rules_.afters.push_back(read_after(*table, scope, bodies_));
  }
}

Mistakes RulesReader::sorted_mistakes() {
  Mistakes mistakes = std::move(mistakes_).take();
  const auto position = [&](const Mistake& mistake) {
    return std::pair(std::ranges::find(rules_.files, mistake.file) - rules_.files.begin(),
                     mistake.line);
  };
  std::ranges::stable_sort(mistakes, {}, position);
  return mistakes;
}

tl::expected<Rules, Mistakes> RulesReader::read() {
  if (!is_within_bounds()) return tl::unexpected(std::move(mistakes_).take());
  parse_all();
  for (const Document& document : documents_) {
    check_top(document, reporter(document));
    take_time_zone(document, reporter(document));
    take_defaults(document, static_cast<std::size_t>(&document - documents_.data()),
                  reporter(document));
  }
  for (const Document& document : documents_) {
    const auto file = static_cast<std::size_t>(&document - documents_.data());
    take_tables(document, file, reporter(document));
    take_routes(document, file, reporter(document));
  }
  rules_.after_index = index_of(rules_.afters);
  complete_routes(rules_, mistakes_);
  if (rules_.table_count > kTablesMax) {
    mistakes_.add({rules_.files.front(), 0, "", "there are more than 10000 tables", ""});
  }
  if (!mistakes_.empty()) return tl::unexpected(sorted_mistakes());
  rules_.table_index = index_of(rules_.tables);
  rules_.notify_index = index_of(rules_.notifies);
  rules_.quiet_index = index_of(rules_.quiets);
  return std::move(rules_);
}

}  // namespace

tl::expected<Rules, Mistakes> read_rules(std::span<const RulesText> texts,
                                         std::span<const BodyText> bodies) {
  return RulesReader(texts, bodies).read();
}

}  // namespace walpulse::rules
