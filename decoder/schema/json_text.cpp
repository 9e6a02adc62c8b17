#include "decoder/schema/json_text.h"

#include <cstddef>
#include <cstdint>

#include "decoder/schema/base64.h"
#include "decoder/schema/plain_text.h"
#include "decoder/schema/utf8.h"

namespace walpulse::schema {
namespace {

void append_escape(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      break;
    case '\b':
      out += 'b';
      break;
    case '\f':
      out += 'f';
      break;
    case '\n':
      out += 'n';
      break;
    case '\r':
      out += 'r';
      break;
    case '\t':
      out += 't';
      break;
    default:
      out += "u00";
      out += kHex[static_cast<std::uint8_t>(c) >> 4];
      out += kHex[static_cast<std::uint8_t>(c) & 0xF];
  }
}

}  // namespace

bool append_escaped(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  while (!text.empty()) {
    const std::size_t plain = json_plain_prefix(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_character(text);
    if (length == 0) {
      out.resize(begin);
      return false;
    }
    if (length == 1) {
      append_escape(text.front(), out);
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return true;
}

void append_json_name(std::string_view name, std::string& out) {
  out += '"';
  if (!append_escaped(name, out)) append_escaped(utf8_or_replaced(name), out);
  out += '"';
}

void append_json_text(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  out += '"';
  if (append_escaped(text, out)) {
    out += '"';
    return;
  }
  out.resize(begin);
  out += R"({"base64":")";
  append_base64(text, out);
  out += R"("})";
}

}  // namespace walpulse::schema
