#pragma once

#include <cstddef>
#include <string_view>

namespace walpulse::decoder {

/// Walks JSON and reads nothing of what it passes: a value's end is found by its quotes and
/// brackets alone, so that neither its depth nor an escape in it can spoil what stands beside it.
///
/// The first place where there is no value latches: later reads return nothing and finish() tells.
class JsonSkim {
 public:
  explicit JsonSkim(std::string_view text) : text_(text) {}

  /// The first character of what comes next; 0 at the end.
  char peek() {
    while (next_ < text_.size() && is_space(text_[next_])) ++next_;
    return next_ < text_.size() ? text_[next_] : '\0';
  }
  /// The text of the next value, which is passed.
  std::string_view value();
  /// Calls `read(name)` for each member, with the name's text in its quotes; it must pass the
  /// member's value.
  template <class Read>
  void object(Read read) {
    if (!take('{') || skip_if('}')) return;
    do {
      const std::string_view name = peek() == '"' ? value() : missing();
      if (!take(':')) return;
      read(name);
    } while (ok_ && skip_if(','));
    take('}');
  }

  bool ok() const { return ok_; }
  /// True where everything was passed, and well.
  bool finish() { return peek() == '\0' && next_ == text_.size() && ok_; }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
  bool skip_if(char c) {
    if (!ok_ || peek() != c) return false;
    ++next_;
    return true;
  }
  bool take(char c) {
    ok_ = skip_if(c);
    return ok_;
  }
  std::string_view missing() {
    ok_ = false;
    return {};
  }
  void pass_string();
  void pass_nested();
  void pass_word();

  std::string_view text_;
  std::size_t next_ = 0;
  bool ok_ = true;
};

}  // namespace walpulse::decoder
