#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::rules {

/// What a name gave for each capture: {system, "sap"}. The views are of the pattern and the name.
using Captures = std::vector<std::pair<std::string_view, std::string_view>>;

/// A pattern for names: `*` stands for any text, also none; `{system}` for at least one character,
/// and hands it out. Each takes as little as it can, from left to right: `fin_{system}_*` has "sap"
/// of fin_sap_gl_daily. `\` before one of `*{}?[]!\` makes it stand for itself, as everything
/// else does; case counts.
///
/// Two of them never touch, so that the text between is looked for once, from left to right, with
/// no way back: the first place where it stands is as good as any later one.
class Glob {
 public:
  static constexpr std::size_t kBytesMax = 256;
  static constexpr std::size_t kWildcardsMax = 16;

  /// Malformed with what is wrong, the pattern in it.
  static Result<Glob> read(std::string_view text);

  /// The pattern of this name and no other. Nothing where there is none: the name is empty, has
  /// control characters, is not UTF-8, or its pattern would be longer than kBytesMax.
  static std::optional<std::string> only(std::string_view name);

  /// Appends to `captures` where it matches, and may append where it does not. Time grows with the
  /// name's length times the pattern's.
  bool matches(std::string_view name, Captures* captures = nullptr) const;

  /// The names of its captures, in their order.
  std::vector<std::string_view> capture_names() const;

  /// Whether every name that `other` matches is matched by this, which must have no captures.
  bool covers(const Glob& other) const;

  const std::string& text() const { return text_; }
  /// What every name that it matches begins with; empty: anything.
  const std::string& beginning() const { return literals_.front(); }

 private:
  struct Wildcard {
    std::string capture;  ///< Empty for `*`.
  };

  Result<void> take_capture(std::string_view rest);

  std::string text_;
  std::vector<std::string> literals_{1};  ///< One more than wildcards: before, between and behind.
  std::vector<Wildcard> wildcards_;
};

/// Captures, and labels of expect_each: a letter or _, then letters, digits and _; at most 64.
bool is_name(std::string_view text);

}  // namespace walpulse::rules
