#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Nearly every text that passes is plain ASCII: these tell so eight bytes at a time.
namespace walpulse::schema {

namespace plain_text {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

/// Not zero where a byte is zero (H. Warren, Hacker's Delight, section 6-1).
constexpr std::uint64_t zero_bytes(std::uint64_t bytes) {
  return (bytes - kOnes) & ~bytes & kHighs;
}
constexpr std::uint64_t control_bytes(std::uint64_t bytes) {
  return (bytes - kOnes * 0x20) & ~bytes & kHighs;
}

/// The last eight bytes; of a shorter text all, and some plain ones.
inline std::uint64_t last_word(std::string_view text) {
  std::uint64_t bytes = kOnes * 'a';
  if (text.size() >= 8) {
    std::memcpy(&bytes, text.data() + text.size() - 8, 8);
  } else {
    for (const char c : text) bytes = bytes << 8 | static_cast<std::uint8_t>(c);
  }
  return bytes;
}

/// The length of the prefix in which `special` finds nothing. It may be wrong about a byte behind
/// one that it is right about, and never is about eight bytes that are equal.
template <class Special>
std::size_t prefix(std::string_view text, Special special) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    if (special(bytes) != 0) break;
  }
  if (at + 8 > text.size() && special(last_word(text)) == 0) return text.size();
  // The byte eight times over: no neighbour of it can tell anything else.
  while (special(static_cast<std::uint8_t>(text[at]) * kOnes) == 0) ++at;
  return at;
}

}  // namespace plain_text

/// How many bytes at the front are ASCII.
inline std::size_t ascii_prefix(std::string_view text) {
  return plain_text::prefix(text, [](std::uint64_t bytes) { return bytes & plain_text::kHighs; });
}

/// How many bytes at the front a JSON string holds as they are: ASCII but control characters, the
/// quote and the backslash.
inline std::size_t json_plain_prefix(std::string_view text) {
  using namespace plain_text;
  return prefix(text, [](std::uint64_t bytes) {
    return (bytes & kHighs) | control_bytes(bytes) | zero_bytes(bytes ^ kOnes * '"') |
           zero_bytes(bytes ^ kOnes * '\\');
  });
}

}  // namespace walpulse::schema
