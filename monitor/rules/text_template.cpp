#include "monitor/rules/text_template.h"

#include <algorithm>
#include <utility>

#include "monitor/rules/mistake.h"

namespace walpulse::rules {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace

Result<TextTemplate> TextTemplate::read(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorKind::malformed, in_quotes(text) + " " + why);
  };
  if (text.empty()) return fail(ErrorKind::malformed, "is empty");
  if (text.size() > kBytesMax) {
    return refuse("is longer than " + std::to_string(kBytesMax) + " bytes");
  }
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return refuse("has a line end or another control character");
  }
  TextTemplate read;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t brace = rest.find_first_of("{}");
    if (brace > 0) read.pieces_.push_back({std::string(rest.substr(0, brace)), false});
    if (brace == std::string_view::npos) break;
    const std::size_t end = rest.find('}', brace);
    if (rest[brace] == '}' || end == std::string_view::npos) {
      return refuse("has braces that are not in pairs");
    }
    const std::string_view name = rest.substr(brace + 1, end - brace - 1);
    if (!is_name(name)) return refuse("has braces around what is not the name of a capture");
    read.pieces_.push_back({std::string(name), true});
    rest.remove_prefix(end + 1);
  }
  return read;
}

Result<TextTemplate> TextTemplate::read_address(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const std::string_view behind = text.substr(std::min(scheme, text.size()));
  if (scheme == 0 || behind.empty() || text.find(' ') != std::string_view::npos) {
    return fail(ErrorKind::malformed, in_quotes(text) + " is not an address (https://...)");
  }
  // Whoever names a pipeline is not to choose the host that people are sent to.
  if (behind.find('{') < behind.find_first_of("/?#")) {
    return fail(ErrorKind::malformed, in_quotes(text) + " has a capture before the host's end");
  }
  auto read = TextTemplate::read(text);
  if (read) read->is_address_ = true;
  return read;
}

std::vector<std::string_view> TextTemplate::names() const {
  std::vector<std::string_view> names;
  for (const auto& [text, is_name] : pieces_) {
    if (is_name) names.push_back(text);
  }
  return names;
}

std::string TextTemplate::filled(const Captures& captures) const {
  std::string filled;
  for (const auto& [text, is_name] : pieces_) {
    if (!is_name) {
      filled += text;
      continue;
    }
    const auto found = std::ranges::find(captures, text, &Captures::value_type::first);
    if (found == captures.end()) continue;
    filled += is_address_ ? percent_encoded(found->second) : std::string(found->second);
  }
  return filled;
}

}  // namespace walpulse::rules
