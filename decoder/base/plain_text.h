#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Nearly every text that passes is plain ASCII: these tell so eight bytes at a time.
namespace walpulse {

namespace plain_text {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

/// Eight bytes, the first one lowest.
inline std::uint64_t word_at(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, 8);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// Marks, by their highest bit, the bytes that a JSON string cannot hold as they are, or only after
/// a look: control characters, the quote, the backslash, and what is not ASCII.
constexpr std::uint64_t json_special(std::uint64_t word) {
  // Less than 0x80 as a byte is, each difference has the highest bit where it is below zero.
  return (word | (word - kOnes * 0x20) | ((word ^ kOnes * '"') - kOnes) |
          ((word ^ kOnes * '\\') - kOnes)) &
         kHighs;
}

/// What follows the last whole word, and zeros. At most seven bytes are left.
inline std::uint64_t tail_of(std::string_view text, std::size_t left) {
  if (left == 0) return 0;
  if (text.size() >= 8) return word_at(text.data() + text.size() - 8) >> 8 * (8 - left);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < left; ++i)
    word |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << 8 * i;
  return word;
}

/// The length of the prefix in which `special` finds nothing. It marks bytes by their highest bit,
/// and may be wrong about those behind one that it is right about.
template <class Special>
std::size_t prefix(std::string_view text, Special special) {
  const auto first = [&](std::uint64_t word) {
    return static_cast<std::size_t>(std::countr_zero(special(word))) / 8;
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8)
    if (const std::size_t plain = first(word_at(text.data() + at)); plain < 8) return at + plain;
  const std::size_t left = text.size() - at;
  return at + std::min(left, first(tail_of(text, left)));
}

template <class Word>
Word load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// All bytes of a text of fewer than eight, some of them twice, and plain ones.
inline std::uint64_t short_word(std::string_view text) {
  constexpr std::uint64_t kPlain = kOnes * 'a';
  const char* const end = text.data() + text.size();
  if (text.size() >= 4)
    return std::uint64_t{load<std::uint32_t>(text.data())} << 32 | load<std::uint32_t>(end - 4);
  if (text.size() >= 2) {
    return kPlain << 32 | std::uint64_t{load<std::uint16_t>(text.data())} << 16 |
           load<std::uint16_t>(end - 2);
  }
  return text.empty() ? kPlain : kPlain << 8 | static_cast<std::uint8_t>(text.front());
}

inline void copy_short(std::string_view text, char* out) {
  const std::size_t size = text.size();
  if (size >= 4) {
    const auto first = load<std::uint32_t>(text.data());
    const auto last = load<std::uint32_t>(text.data() + size - 4);
    std::memcpy(out, &first, 4);
    std::memcpy(out + size - 4, &last, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) out[i] = text[i];
  }
}

/// Copies the front of `text`, to where there is room for all of it, until `special` finds
/// something. Returns how much; what it found is within the eight bytes behind.
template <class Special>
std::size_t copy_prefix(std::string_view text, char* out, Special special) {
  if (text.size() < 8) {
    if (special(short_word(text)) != 0) return 0;
    copy_short(text, out);
    return text.size();
  }
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const auto bytes = load<std::uint64_t>(text.data() + at);
    if (special(bytes) != 0) return at;
    std::memcpy(out + at, &bytes, 8);
  }
  const auto last = load<std::uint64_t>(text.data() + text.size() - 8);
  if (special(last) != 0) return at;
  std::memcpy(out + text.size() - 8, &last, 8);
  return text.size();
}

}  // namespace plain_text

/// How many bytes at the front are ASCII.
inline std::size_t ascii_prefix(std::string_view text) {
  return plain_text::prefix(text, [](std::uint64_t bytes) { return bytes & plain_text::kHighs; });
}

/// How many bytes at the front a JSON string holds as they are: ASCII but control characters, the
/// quote and the backslash.
inline std::size_t json_plain_prefix(std::string_view text) {
  return plain_text::prefix(text, plain_text::json_special);
}

}  // namespace walpulse
