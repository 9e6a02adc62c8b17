#include "decoder/base/json_writer.h"

#include <algorithm>

#include "decoder/base/base64.h"
#include "decoder/base/utf8.h"

namespace walpulse {

/// Room costs its zeros: never more of it than twice what this writer wrote, however long the
/// string is that it writes behind.
void JsonWriter::grow(std::size_t bytes) {
  const std::size_t written = size_ - begin_;
  out_.resize(size_ + std::max(bytes, std::min(written, out_.capacity() - size_)));
}

bool JsonWriter::escaped_behind(std::size_t plain, std::string_view text) {
  const std::size_t begin = size_;
  size_ += plain;
  text.remove_prefix(plain);
  while (true) {
    const std::size_t more = json_plain_prefix(text);
    put(text.substr(0, more));
    text.remove_prefix(more);
    if (text.empty()) return true;
    const std::size_t length = utf8_character(text);
    if (length == 0) {
      size_ = begin;
      return false;
    }
    if (length == 1) {
      escape(text.front());
    } else {
      put(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
}

void JsonWriter::escape(char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  put('\\');
  switch (c) {
    case '"':
    case '\\':
      put(c);
      break;
    case '\b':
      put('b');
      break;
    case '\f':
      put('f');
      break;
    case '\n':
      put('n');
      break;
    case '\r':
      put('r');
      break;
    case '\t':
      put('t');
      break;
    default:
      put("u00");
      put(kHex[static_cast<std::uint8_t>(c) >> 4]);
      put(kHex[static_cast<std::uint8_t>(c) & 0xF]);
  }
}

void JsonWriter::replaced(std::string_view text) { escaped(utf8_or_replaced(std::string(text))); }

void JsonWriter::base64(std::string_view bytes) {
  std::string text;
  append_base64(bytes, text);
  put(R"({"base64":")");
  put(text);
  put(R"("})");
}

}  // namespace walpulse
