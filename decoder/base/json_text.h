#pragma once

#include <string>
#include <string_view>

#include "decoder/base/json_writer.h"

/// One piece at a time, where no whole document is written.
namespace walpulse {

/// A string for names: what is not UTF-8 is replaced (utf8_or_replaced).
inline void append_json_name(std::string_view name, std::string& out) {
  JsonWriter(out, name.size() + 2).name(name);
}

/// A string for values: what is not UTF-8 becomes {"base64":"..."}.
inline void append_json_text(std::string_view text, std::string& out) {
  JsonWriter(out, text.size() + 2).text(text);
}

template <class Integer>
void append_decimal(Integer value, std::string& out) {
  JsonWriter(out, 0).decimal(value);
}

}  // namespace walpulse
