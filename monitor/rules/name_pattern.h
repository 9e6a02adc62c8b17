#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/glob.h"

namespace walpulse::rules {

/// What `match` and its kin say: patterns of which one must match, and patterns (`!fin_tmp_*`) of
/// which none may. Their order does not matter. Exclusions alone mean: all others.
class NamePattern {
 public:
  /// The most patterns of one key.
  static constexpr std::size_t kPatternsMax = 200;

  /// Malformed with what is wrong, the pattern in it.
  static Result<NamePattern> read(const std::vector<std::string>& texts);

  /// Appends to `captures`, where it matches, what the first pattern that matches captured.
  bool matches(std::string_view name, Captures& captures) const;

  /// Whether each pattern that lets a name in captures {name}: then every name that matches has it.
  bool always_captures(std::string_view name) const;
  /// The names of all captures, each once.
  std::vector<std::string_view> capture_names() const;
  const std::vector<Glob>& wanted() const { return wanted_; }
  /// The patterns as they were written, those of one kind in their order.
  std::vector<std::string> texts() const;

 private:
  std::vector<Glob> wanted_;
  std::vector<Glob> excluded_;
};

}  // namespace walpulse::rules
