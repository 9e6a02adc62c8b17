#pragma once

#include <charconv>
#include <string>
#include <string_view>

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

template <class Integer>
void append_decimal(Integer value, std::string& out) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

}  // namespace walpulse::schema
