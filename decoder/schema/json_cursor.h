#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace walpulse::schema {

/// Reads JSON (RFC 8259) value by value out of a text that it may rewrite: strings lose their
/// escapes in place, so that every view it returns lives as long as that text and nothing is
/// allocated.
///
/// As with the decoder's ByteCursor, the first bad read latches: later reads return nothing and
/// consume nothing, and finish() tells. Strings that are not UTF-8 are a failure.
class JsonCursor {
 public:
  enum class Kind { object, array, string, number, boolean, null, nothing };

  explicit JsonCursor(std::string& text)
      : begin_(text.data()), next_(begin_), end_(begin_ + text.size()) {}

  /// What the next value is, by its first character.
  Kind peek();

  /// Calls `read(name)` for each member; it must consume the member's value.
  template <class Read>
  void object(Read read) {
    for (bool more = enter('{', '}'); more; more = another('}')) {
      const std::string_view name = string();
      expect(':');
      if (ok()) read(name);
    }
  }
  /// Calls `read()` for each element; it must consume the element.
  template <class Read>
  void array(Read read) {
    for (bool more = enter('[', ']'); more; more = another(']')) read();
  }
  std::string_view string();
  /// The number's own text.
  std::string_view number();
  /// The same, where it is an int64.
  std::string_view integer_text();
  /// Numbers that are none, or do not fit, are a failure.
  std::uint64_t unsigned_integer();
  std::int64_t integer();
  bool boolean();
  void null();
  /// Any value, nested at most 256 deep.
  void skip();

  void fail(std::string_view reason);
  bool ok() const { return problem_.empty(); }
  /// True where everything was read, and read well.
  bool finish();
  /// "offset 17: expected a string". Never holds a piece of the text.
  const std::string& problem() const { return problem_; }

 private:
  void skip_space();
  std::string_view unescaped(char* begin);
  bool enter(char open, char close);
  bool another(char close);
  void expect(char c);
  bool skip_word(std::string_view word);
  std::size_t digits();
  void unescape(char*& out);
  std::uint32_t hex4();
  std::string_view rest() const { return {next_, static_cast<std::size_t>(end_ - next_)}; }

  char* begin_;
  char* next_;
  char* end_;
  int depth_ = 0;
  std::string problem_;
};

/// name == wanted, without a call: the compiler knows how long the one is.
template <std::size_t N>
bool is(std::string_view name, const char (&wanted)[N]) {
  return name.size() == N - 1 && std::memcmp(name.data(), wanted, N - 1) == 0;
}

}  // namespace walpulse::schema
