#include "decoder/schema/base64.h"

#include <cstddef>
#include <cstdint>

namespace walpulse::schema {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Three bytes, or what is left of them, as the upper bits of a 24-bit group.
std::uint32_t group_of(std::string_view bytes) {
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    group = group << 8 | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0u);
  }
  return group;
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
    const std::uint32_t group = group_of(bytes.substr(0, 3));
    for (std::size_t i = 0; i < 4; ++i) {
      out += i > bytes.size() ? '=' : kAlphabet[(group >> (18 - 6 * i)) & 0x3F];
    }
  }
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::string_view rest = text;
  while (rest.size() >= 4) {
    std::uint32_t group = 0;
    std::size_t digits = 0;
    for (; digits < 4 && rest[digits] != '='; ++digits) {
      const std::size_t value = kAlphabet.find(rest[digits]);
      if (value == std::string_view::npos) return std::nullopt;
      group |= static_cast<std::uint32_t>(value) << (18 - 6 * digits);
    }
    for (std::size_t i = 0; i + 1 < digits; ++i) {
      bytes += static_cast<char>(group >> (16 - 8 * i) & 0xFF);
    }
    rest.remove_prefix(4);
  }
  // Writing it again refuses what was let pass above: padding in the middle, stray bits, a cut end.
  std::string again;
  append_base64(bytes, again);
  if (again != text) return std::nullopt;
  return bytes;
}

}  // namespace walpulse::schema
