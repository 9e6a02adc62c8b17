#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

/// The pieces that the event's JSON is written with.
namespace walpulse::schema {

/// Appends `text` with JSON's escapes and no quotes (RFC 8259, section 7): the short forms where
/// there is one, \u00xx for the other control characters, everything else as it is.
/// Returns false, with `out` as it was, where the text is not UTF-8.
bool append_escaped(std::string_view text, std::string& out);

/// A string for names: what is not UTF-8 is replaced (utf8_or_replaced).
void append_json_name(std::string_view name, std::string& out);

/// A string for values: what is not UTF-8 becomes {"base64":"..."}.
void append_json_text(std::string_view text, std::string& out);

/// "00" to "99".
inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[i * 2] = static_cast<char>('0' + i / 10);
    pairs[i * 2 + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Written from the end, two digits at a time: an event has a dozen numbers, and this takes half as
/// long as std::to_chars, which counts the digits first.
template <class Integer>
void append_decimal(Integer value, std::string& out) {
  constexpr std::size_t kDigitsMax = 20;
  char digits[kDigitsMax + 1];
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
  out.append(at, digits + sizeof digits);
}

}  // namespace walpulse::schema
