#include "publisher/http/conditional.h"

#include <algorithm>

#include "publisher/http/header_field.h"

namespace walpulse::http {
namespace {

/// Takes the tag that `text` begins with: its text with the quotes, or nothing. A comma may stand
/// between the quotes, a quote may not.
std::string_view take_opaque_tag(std::string_view& text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (!text.starts_with('"')) return {};
  const std::size_t end = text.find('"', 1);
  if (end == std::string_view::npos) return {};
  const std::string_view tag = text.substr(0, end + 1);
  text.remove_prefix(end + 1);
  const bool whole = std::none_of(tag.begin(), tag.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
  return whole ? tag : std::string_view();
}

}  // namespace

bool is_entity_tag(std::string_view text) {
  const std::string_view tag = take_opaque_tag(text);
  return !tag.empty() && text.empty();
}

bool names_entity(std::string_view if_none_match, std::string_view etag) {
  const std::string_view wanted = take_opaque_tag(etag);
  if (wanted.empty()) return false;
  std::string_view rest = trimmed(if_none_match);
  if (rest == "*") return true;
  while (!rest.empty()) {
    if (rest.starts_with(',')) {
      rest = trimmed(rest.substr(1));
      continue;
    }
    const std::string_view tag = take_opaque_tag(rest);
    rest = trimmed(rest);
    if (tag.empty() || (!rest.empty() && !rest.starts_with(','))) return false;
    if (tag == wanted) return true;
  }
  return false;
}

}  // namespace walpulse::http
