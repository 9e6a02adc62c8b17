#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/base/plain_text.h"

namespace walpulse {

/// "00" to "99".
inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[i * 2] = static_cast<char>('0' + i / 10);
    pairs[i * 2 + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Writes JSON behind what a string holds. An event is some two hundred pieces, most of them
/// shorter than the call that appends them takes; so room is made in advance and the pieces are
/// copied in place. The string is of use again once the writer is gone.
class JsonWriter {
 public:
  /// `likely_bytes` are made room for at once; more is made where it is needed.
  JsonWriter(std::string& out, std::size_t likely_bytes)
      : out_(out), begin_(out.size()), size_(begin_) {
    grow(likely_bytes);
  }
  ~JsonWriter() { out_.resize(size_); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void put(char c) {
    make_room(1);
    *end() = c;
    ++size_;
  }
  void put(std::string_view text) {
    make_room(text.size());
    std::memcpy(end(), text.data(), text.size());
    size_ += text.size();
  }
  /// Of a literal, whose length the compiler knows.
  template <std::size_t kSize>
  void put(const char (&literal)[kSize]) {
    make_room(kSize - 1);
    std::memcpy(end(), literal, kSize - 1);
    size_ += kSize - 1;
  }

  /// Written from the end, two digits at a time: an event has a dozen numbers, and this takes half
  /// as long as std::to_chars, which counts the digits first.
  template <class Integer>
  void decimal(Integer value) {
    constexpr std::size_t kDigitsMax = 20;
    char digits[kDigitsMax + 4];
    char* at = digits + sizeof digits;
    auto left = static_cast<std::uint64_t>(value);
    const bool negative = std::cmp_less(value, 0);
    if (negative) left = 0 - left;
    for (; left >= 100; left /= 100) {
      at -= 2;
      std::memcpy(at, kDigitPairs.data() + left % 100 * 2, 2);
    }
    if (left >= 10) {
      at -= 2;
      std::memcpy(at, kDigitPairs.data() + left * 2, 2);
    } else {
      *--at = static_cast<char>('0' + left);
    }
    if (negative) *--at = '-';
    put(std::string_view(at, static_cast<std::size_t>(digits + sizeof digits - at)));
  }

  /// `text` with JSON's escapes and no quotes (RFC 8259, section 7): the short forms where there is
  /// one, \u00xx for the other control characters, everything else as it is. False, with nothing
  /// written, where the text is not UTF-8.
  bool escaped(std::string_view text) {
    make_room(text.size());
    const std::size_t plain = plain_text::copy_prefix(text, end(), plain_text::json_special);
    if (plain == text.size()) {
      size_ += plain;
      return true;
    }
    return escaped_behind(plain, text);
  }
  /// A string for names: what is not UTF-8 is replaced (utf8_or_replaced).
  void name(std::string_view text) {
    put('"');
    name_part(text);
    put('"');
  }
  /// The same without its quotes.
  void name_part(std::string_view text) {
    if (!escaped(text)) replaced(text);
  }
  /// A string for values: what is not UTF-8 becomes {"base64":"..."}.
  void text(std::string_view text) {
    put('"');
    if (escaped(text)) {
      put('"');
    } else {
      --size_;
      base64(text);
    }
  }

 private:
  char* end() { return out_.data() + size_; }
  void make_room(std::size_t bytes) {
    if (out_.size() - size_ < bytes) grow(bytes);
  }
  void grow(std::size_t bytes);
  bool escaped_behind(std::size_t plain, std::string_view text);
  void escape(char c);
  void replaced(std::string_view text);
  void base64(std::string_view bytes);

  std::string& out_;
  const std::size_t begin_;
  std::size_t size_;  ///< What is written; the string is longer.
};

}  // namespace walpulse
