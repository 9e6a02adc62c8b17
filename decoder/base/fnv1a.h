#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace walpulse {

/// FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same in every build, and
/// no hindrance to who wants two texts to have one.
inline std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// As 16 hexadecimal digits.
inline std::string fnv1a_digits(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t hash = fnv1a(text);
  std::string hex(16, '0');
  for (std::size_t at = hex.size(); at-- > 0; hash >>= 4) hex[at] = kDigits[hash & 15];
  return hex;
}

}  // namespace walpulse
