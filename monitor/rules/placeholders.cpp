#include "monitor/rules/placeholders.h"

#include <algorithm>
#include <utility>

#include "monitor/rules/glob.h"
#include "monitor/rules/mistake.h"
#include "publisher/config/nearest.h"

namespace walpulse::rules {
namespace {

constexpr std::string_view kLabelPrefix = "label.";

}  // namespace

Result<std::vector<TextPiece>> pieces_of(std::string_view text) {
  std::vector<TextPiece> pieces;
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      plain += c;
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == c) {
      plain += c;
      ++at;
      continue;
    }
    const std::size_t end = c == '{' ? text.find('}', at) : std::string_view::npos;
    if (end == std::string_view::npos || !is_name(label_of(text.substr(at + 1, end - at - 1)))) {
      return fail(ErrorKind::malformed, in_quotes(text) +
                                            " has a brace that is of no {placeholder}; {{ and }} "
                                            "stand for one");
    }
    if (!plain.empty()) pieces.push_back({std::exchange(plain, {}), false});
    pieces.push_back({std::string(text.substr(at + 1, end - at - 1)), true});
    at = end;
  }
  if (!plain.empty()) pieces.push_back({plain, false});
  return pieces;
}

Result<void> check_placeholder(std::string_view name, std::span<const std::string_view> known) {
  if (name.starts_with(kLabelPrefix) || std::ranges::count(known, name) > 0) return {};
  const std::string meant(config::nearest(name, known));
  if (meant.empty()) return {};
  return fail(ErrorKind::malformed, "{" + std::string(name) + "} is not known; did you mean {" +
                                        meant + "}? A label of this name is {label." +
                                        std::string(name) + "}");
}

std::string_view label_of(std::string_view name) {
  return name.starts_with(kLabelPrefix) ? name.substr(kLabelPrefix.size()) : name;
}

}  // namespace walpulse::rules
