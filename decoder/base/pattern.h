#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace walpulse {

/// A POSIX extended regular expression over bytes. std::regex takes seconds to compile in each
/// source that uses it, and a stack as deep as the text is long. Any thread may use one.
class Pattern {
 public:
  /// Throws std::invalid_argument where the expression is none, which is a bug of ours.
  explicit Pattern(const char* expression);

  /// Whether the whole text is of this form. A NUL in it is a byte like any other.
  bool matches(std::string_view text) const;
  /// The text and what each group took of it, in their order; empty where the text as a whole is
  /// not of this form.
  std::vector<std::string> parts(std::string_view text) const;
  /// Whether any piece of the text is of this form.
  bool is_in(std::string_view text) const;
  /// The text with `with` in place of every such piece.
  std::string replaced(std::string_view text, std::string_view with) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> anywhere_;
  std::shared_ptr<const Compiled> whole_;
};

}  // namespace walpulse
