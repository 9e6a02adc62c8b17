#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace walpulse::rules {

struct NodeEntry;

/// A value of a TOML 1.0 file, with the line that it begins in.
struct Node {
  enum class Kind : std::uint8_t {
    text,
    number,   ///< A whole one.
    boolean,  ///< true or false.
    list,
    table,
    other,  ///< A float, a date or a time, and what is nested deeper than rules ever are.
  };
  Kind kind = Kind::other;
  int line = 0;
  std::string text;
  std::int64_t number = 0;
  bool on = false;
  std::vector<Node> items;         ///< Of a list.
  std::vector<NodeEntry> entries;  ///< Of a table, in the order of the file.

  /// Null where a table has no such key.
  const Node* find(std::string_view key) const;
};

struct NodeEntry {
  std::string key;
  int line = 0;
  Node value;
};

struct SyntaxError {
  int line = 0;
  std::string what;
};

/// A key of more parts (`a.b.c`) is a syntax error, so that hostile text cannot exhaust the stack.
inline constexpr std::size_t kKeyPartsMax = 16;

/// Reads TOML 1.0. The table at the top is returned; after the first error nothing is read.
tl::expected<Node, SyntaxError> parse_document(std::string_view text);

}  // namespace walpulse::rules
