#include "monitor/rules/toml_document.h"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace walpulse::rules {
namespace {

/// A file, [[pipeline]], expect_each.partner, its list, and one more.
constexpr int kDepthMax = 6;

/// Finds the line of a key of too many parts; 0 where there is none. toml++ makes a table of each
/// part and frees them by recursion; its own bound counts brackets only.
class DeepKeyFinder {
 public:
  explicit DeepKeyFinder(std::string_view text) : text_(text) {}

  int line() {
    while (at_ < text_.size()) {
      if (text_[at_] == '\n') {
        ++line_;
        dots_ = 0;
        ++at_;
      } else if (text_[at_] == '"' || text_[at_] == '\'') {
        skip_text(text_[at_]);
      } else if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (count(text_[at_++])) {
        return line_;
      }
    }
    return 0;
  }

 private:
  bool count(char c) {
    if (c == '.') return ++dots_ >= kKeyPartsMax;
    if (c == '=' || c == ',' || c == '{' || c == '[') dots_ = 0;
    return false;
  }

  bool stands_three_times(char quote) const {
    return text_.substr(at_, 3) == std::string(3, quote);
  }

  /// Goes behind the string that begins here; one of a single line ends with that line.
  void skip_text(char quote) {
    const bool of_many_lines = stands_three_times(quote);
    at_ += of_many_lines ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n' && !of_many_lines) return;
      if (c == '\n') ++line_;
      if (c == '\\' && quote == '"') {
        if (text_.substr(at_ + 1, 1) != "\n") ++at_;
      } else if (c == quote && (!of_many_lines || stands_three_times(quote))) {
        at_ += of_many_lines ? 3 : 1;
        // Two more of them belong to the text: """a""""".
        while (of_many_lines && at_ < text_.size() && text_[at_] == quote) ++at_;
        return;
      }
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t dots_ = 0;
  int line_ = 1;
};

int line_of(const toml::source_region& where) { return static_cast<int>(where.begin.line); }

Node convert(const toml::node& from, int depth);

std::vector<NodeEntry> entries_of(const toml::table& table, int depth) {
  using Position = std::tuple<toml::source_index, toml::source_index>;
  std::vector<std::pair<Position, NodeEntry>> placed;
  for (const auto& [key, value] : table) {
    const auto& begin = key.source().begin;
    placed.emplace_back(
        Position{begin.line, begin.column},
        NodeEntry{std::string(key.str()), line_of(key.source()), convert(value, depth + 1)});
  }
  std::ranges::stable_sort(placed, {}, [](const auto& each) { return each.first; });
  std::vector<NodeEntry> entries;
  entries.reserve(placed.size());
  for (auto& [position, entry] : placed) entries.push_back(std::move(entry));
  return entries;
}

Node convert(const toml::node& from, int depth) {
  Node node;
  node.line = line_of(from.source());
  if (depth > kDepthMax) return node;
  if (const auto* text = from.as_string()) {
    node.kind = Node::Kind::text;
    node.text = text->get();
  } else if (const auto* number = from.as_integer()) {
    node.kind = Node::Kind::number;
    node.number = number->get();
  } else if (const auto* on = from.as_boolean()) {
    node.kind = Node::Kind::boolean;
    node.on = on->get();
  } else if (const auto* array = from.as_array()) {
    node.kind = Node::Kind::list;
    for (const auto& item : *array) node.items.push_back(convert(item, depth + 1));
  } else if (const auto* table = from.as_table()) {
    node.kind = Node::Kind::table;
    node.entries = entries_of(*table, depth);
  }
  return node;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(entries, [&](const NodeEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

tl::expected<Node, SyntaxError> parse_document(std::string_view text) {
  if (const int line = DeepKeyFinder(text).line(); line > 0) {
    return tl::unexpected(
        SyntaxError{line, "a key has more than " + std::to_string(kKeyPartsMax) + " parts"});
  }
  try {
    return convert(toml::parse(text), 0);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(SyntaxError{line_of(error.source()), std::string(error.description())});
  }
}

}  // namespace walpulse::rules
