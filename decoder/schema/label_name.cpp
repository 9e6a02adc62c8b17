#include "decoder/schema/label_name.h"

#include <algorithm>
#include <cstddef>

namespace walpulse::schema {
namespace {

constexpr std::size_t kLabelNameBytesMax = 100;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_label_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

std::string label_name_of(std::string_view name) {
  if (is_label_name(name) && name.size() <= kLabelNameBytesMax && !name.starts_with("__"))
    return std::string(name);
  std::string out;
  if (name.empty() || is_digit(name.front())) out += '_';
  for (const char c : name) {
    const char taken = is_letter(c) || is_digit(c) ? c : '_';
    if (taken == '_' && out == "_") continue;
    out += taken;
    if (out.size() == kLabelNameBytesMax) break;
  }
  return out;
}

}  // namespace walpulse::schema
