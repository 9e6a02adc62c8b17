#include "decoder/base/json_cursor.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "decoder/base/base64.h"
#include "decoder/base/plain_text.h"
#include "decoder/base/utf8.h"

namespace walpulse {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Integer>
bool read_whole(std::string_view text, Integer& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end;
}

char* append_code_point(std::uint32_t code, char* out) {
  const auto tail = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0 | (code >> 6));
    *out++ = tail(0);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (code >> 12));
    *out++ = tail(6);
    *out++ = tail(0);
  } else {
    *out++ = static_cast<char>(0xF0 | (code >> 18));
    *out++ = tail(12);
    *out++ = tail(6);
    *out++ = tail(0);
  }
  return out;
}

}  // namespace

void JsonCursor::fail(std::string_view reason) {
  if (!ok()) return;
  problem_ = "offset " + std::to_string(next_ - begin_) + ": " + std::string(reason);
  next_ = end_;
}

void JsonCursor::missing(char c) { fail(std::string("expected ") + c); }

bool JsonCursor::finish() {
  skip_space();
  if (ok() && next_ != end_) fail("text after the value");
  return ok();
}

JsonCursor::Kind JsonCursor::peek() {
  skip_space();
  if (next_ == end_) return Kind::nothing;
  switch (*next_) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return *next_ == '-' || is_digit(*next_) ? Kind::number : Kind::nothing;
  }
}

std::string_view JsonCursor::string() {
  expect('"');
  return string_rest();
}

/// The string whose quote was read.
std::string_view JsonCursor::string_rest() {
  char* const begin = next_;
  next_ += json_plain_prefix(rest());
  if (!at('"')) return unescaped(begin);
  return {begin, static_cast<std::size_t>(next_++ - begin)};
}

std::string JsonCursor::base64() {
  expect('"');
  // Decoding finds every character that is none of base64: nearly always one look is enough.
  const std::string_view text = rest().substr(0, rest().find('"'));
  if (text.size() < rest().size()) {
    if (Result<std::string> bytes = decode_base64(text)) {
      next_ += text.size() + 1;
      return *std::move(bytes);
    }
  }
  Result<std::string> bytes = decode_base64(string_rest());
  if (!bytes) fail(bytes.error().message);
  return ok() ? *std::move(bytes) : std::string();
}

/// The string from `begin` on, which is plain up to next_.
std::string_view JsonCursor::unescaped(char* begin) {
  char* out = next_;
  while (ok()) {
    if (next_ == end_) {
      fail("a string without its end");
    } else if (*next_ == '"') {
      ++next_;
      return {begin, static_cast<std::size_t>(out - begin)};
    } else if (*next_ == '\\') {
      ++next_;
      unescape(out);
    } else if (static_cast<unsigned char>(*next_) < 0x20) {
      fail("a control character in a string");
    } else if (static_cast<unsigned char>(*next_) < 0x80) {
      *out++ = *next_++;
    } else if (const std::size_t length = utf8_character(rest()); length == 0) {
      fail("a string that is not UTF-8");
    } else {
      out = std::copy_n(next_, length, out);
      next_ += length;
    }
  }
  return {};
}

/// Reads an escape, its backslash read already. What it stands for is shorter, so `out` never
/// overtakes `next_`.
void JsonCursor::unescape(char*& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (next_ == end_) return fail("a string without its end");
  const char letter = *next_++;
  if (letter != 'u') {
    const std::size_t index = kLetters.find(letter);
    if (index == std::string_view::npos) return fail("an unknown escape");
    *out++ = kMeanings[index];
    return;
  }
  std::uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xDC00) {
    const bool paired = skip_word("\\u");
    const std::uint32_t low = paired ? hex4() : 0;
    if (low < 0xDC00 || low > 0xDFFF) return fail("half a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    return fail("half a surrogate pair");
  }
  if (ok()) out = append_code_point(code, out);
}

std::uint32_t JsonCursor::hex4() {
  std::uint32_t code = 0;
  if (rest().size() < 4) {
    fail("a cut escape");
    return 0;
  }
  const auto [stop, error] = std::from_chars(next_, next_ + 4, code, 16);
  if (error != std::errc{} || stop != next_ + 4) {
    fail("a bad escape");
    return 0;
  }
  next_ += 4;
  return code;
}

std::size_t JsonCursor::digits() {
  char* const begin = next_;
  while (next_ != end_ && is_digit(*next_)) ++next_;
  return static_cast<std::size_t>(next_ - begin);
}

std::string_view JsonCursor::number() {
  skip_space();
  char* const begin = next_;
  skip_if('-');
  const bool zero = at('0');
  const std::size_t whole = digits();
  bool good = whole > 0 && !(zero && whole > 1);
  if (skip_if('.')) good = digits() > 0 && good;
  if (skip_if('e') || skip_if('E')) {
    if (!skip_if('+')) skip_if('-');
    good = digits() > 0 && good;
  }
  if (!good) {
    fail("expected a number");
    return {};
  }
  return {begin, static_cast<std::size_t>(next_ - begin)};
}

std::string_view JsonCursor::integer_text() {
  const std::string_view text = number();
  std::int64_t value = 0;
  if (ok() && !read_whole(text, value)) fail("expected a whole number");
  return ok() ? text : std::string_view{};
}

template <class Integer>
Integer JsonCursor::whole_number() {
  Integer value = 0;
  const std::string_view text = number();
  if (ok() && read_whole(text, value)) return value;
  fail("expected a whole number");
  return 0;
}

std::uint64_t JsonCursor::unsigned_integer() { return whole_number<std::uint64_t>(); }

std::int64_t JsonCursor::integer() { return whole_number<std::int64_t>(); }

bool JsonCursor::skip_word(std::string_view word) {
  if (!rest().starts_with(word)) return false;
  next_ += word.size();
  return true;
}

bool JsonCursor::boolean() {
  skip_space();
  if (skip_word("true")) return true;
  if (!skip_word("false")) fail("expected true or false");
  return false;
}

void JsonCursor::null() {
  skip_space();
  if (!skip_word("null")) fail("expected null");
}

void JsonCursor::skip() {
  switch (peek()) {
    case Kind::object:
      return object([this](std::string_view) { skip(); });
    case Kind::array:
      return array([this] { skip(); });
    case Kind::string:
      string();
      return;
    case Kind::number:
      number();
      return;
    case Kind::boolean:
      boolean();
      return;
    case Kind::null:
      null();
      return;
    case Kind::nothing:
      return fail("expected a value");
  }
}

}  // namespace walpulse
