#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace walpulse {

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
  /// A string of base64 (as decode_base64), decoded.
  std::string base64();
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
  static constexpr int kDepthMax = 256;

  bool at(char c) const { return next_ != end_ && *next_ == c; }
  bool skip_if(char c) {
    if (!at(c)) return false;
    ++next_;
    return true;
  }
  void skip_space() {
    while (at(' ') || at('\n') || at('\t') || at('\r')) ++next_;
  }
  void expect(char c) {
    skip_space();
    if (!skip_if(c)) missing(c);
  }
  /// Steps into an object or array; false where it is empty, or none.
  bool enter(char open, char close) {
    expect(open);
    if (++depth_ > kDepthMax) fail("nested too deep");
    skip_space();
    return !leave_if(close) && ok();
  }
  bool another(char close) {
    skip_space();
    if (leave_if(close)) return false;
    expect(',');
    return ok();
  }
  bool leave_if(char close) {
    if (!skip_if(close)) return false;
    --depth_;
    return true;
  }
  void missing(char c);
  std::string_view string_rest();
  std::string_view unescaped(char* begin);
  bool skip_word(std::string_view word);
  std::size_t digits();
  template <class Integer>
  Integer whole_number();
  void unescape(char*& out);
  std::uint32_t hex4();
  std::string_view rest() const { return {next_, static_cast<std::size_t>(end_ - next_)}; }

  char* begin_;
  char* next_;  ///< The end as soon as a read failed: nothing more is consumed then.
  char* end_;
  int depth_ = 0;
  std::string problem_;
};

/// name == wanted, without a call: the compiler knows how long the one is.
template <std::size_t N>
bool is(std::string_view name, const char (&wanted)[N]) {
  return name.size() == N - 1 && std::memcmp(name.data(), wanted, N - 1) == 0;
}

}  // namespace walpulse
