#include "decoder/base/utf8.h"

#include <algorithm>
#include <cstdint>

#include "decoder/base/plain_text.h"

namespace walpulse {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

struct Range {
  std::uint8_t first;
  std::uint8_t last;
};

/// What may follow a lead byte: this is where overlong forms, surrogates and code points beyond
/// U+10FFFF are refused.
Range second_byte(std::uint8_t lead) {
  switch (lead) {
    case 0xE0:
      return {0xA0, 0xBF};
    case 0xED:
      return {0x80, 0x9F};
    case 0xF0:
      return {0x90, 0xBF};
    case 0xF4:
      return {0x80, 0x8F};
    default:
      return {0x80, 0xBF};
  }
}

std::size_t length_of(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

std::size_t utf8_character(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t lead = byte_at(text, 0);
  const std::size_t length = length_of(lead);
  if (length <= 1) return length;
  if (text.size() < length) return 0;
  const Range second = second_byte(lead);
  if (byte_at(text, 1) < second.first || byte_at(text, 1) > second.last) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_prefix(text)); !text.empty();) {
    const std::size_t length = utf8_character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string utf8_or_replaced(std::string text) {
  if (is_utf8(text)) return text;
  std::string result;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = utf8_character(rest);
    result += length == 0 ? std::string_view("\xEF\xBF\xBD") : rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace walpulse
