#include "decoder/base/one_line.h"

#include <cstdint>

#include "decoder/base/utf8.h"

namespace walpulse {
namespace {

/// Of a well-formed character.
char32_t code_point_of(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  if (character.size() == 1) return byte(0);
  char32_t point = byte(0) & (0xFFu >> (character.size() + 1));
  for (std::size_t at = 1; at < character.size(); ++at) point = point << 6 | (byte(at) & 0x3Fu);
  return point;
}

bool is_obeyed(char32_t point) {
  const auto within = [&](char32_t first, char32_t last) {
    return point >= first && point <= last;
  };
  return point < 0x20 || within(0x7F, 0x9F) || within(0x200E, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2066, 0x2069);
}

void append_hex(std::uint32_t value, int digits, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[value >> shift & 15];
}

void append_escaped(char32_t point, std::string& out) {
  out += '\\';
  if (point == '\n') {
    out += 'n';
  } else if (point == '\r') {
    out += 'r';
  } else if (point == '\t') {
    out += 't';
  } else if (point < 0x80) {
    out += 'x';
    append_hex(point, 2, out);
  } else {
    out += 'u';
    append_hex(point, 4, out);
  }
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_character(text);
    if (length == 0) {
      out += "\\x";
      append_hex(static_cast<unsigned char>(text.front()), 2, out);
      text.remove_prefix(1);
      continue;
    }
    const std::string_view character = text.substr(0, length);
    if (const char32_t point = code_point_of(character); is_obeyed(point)) {
      append_escaped(point, out);
    } else {
      out += character;
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace walpulse
