#include "monitor/rules/glob.h"

#include <algorithm>

#include "decoder/base/utf8.h"
#include "monitor/rules/mistake.h"

namespace walpulse::rules {
namespace {

constexpr std::size_t kNameBytesMax = 64;
/// Stands for a wildcard in the outline of a pattern: no pattern holds a control character.
constexpr char kAnyText = '\x01';

/// What means something in a pattern, or may one day, and stands for itself behind a backslash.
constexpr std::string_view kEscaped = "*{}?[]!\\";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

bool is_name_head(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

tl::unexpected<Error> refuse_pattern(std::string_view text, const std::string& why) {
  return fail(ErrorKind::malformed, in_quotes(text) + " " + why);
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && is_name_head(text.front()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_name_head(c) || (c >= '0' && c <= '9'); });
}

Result<void> Glob::take_capture(std::string_view rest) {
  const std::size_t end = rest.find('}');
  if (end == std::string_view::npos) return refuse_pattern(text_, "has a { without its }");
  const std::string name(rest.substr(1, end - 1));
  if (!is_name(name)) {
    return refuse_pattern(text_, "has a capture that is not a name (letters, digits and _)");
  }
  if (std::ranges::count(wildcards_, name, &Wildcard::capture) > 0) {
    return refuse_pattern(text_, "captures {" + name + "} twice");
  }
  wildcards_.push_back({name});
  return {};
}

std::optional<std::string> Glob::only(std::string_view name) {
  if (name.empty() || !is_utf8(name) || std::ranges::any_of(name, is_control)) return std::nullopt;
  std::string pattern;
  for (const char c : name) {
    // In front a ! would exclude; elsewhere it is as good as any other.
    const bool plain = c == '!' && !pattern.empty();
    if (!plain && kEscaped.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  if (pattern.size() > kBytesMax) return std::nullopt;
  return pattern;
}

Result<Glob> Glob::read(std::string_view text) {
  Glob glob;
  glob.text_ = text;
  if (text.empty()) return fail(ErrorKind::malformed, "a pattern is empty");
  if (text.size() > kBytesMax) {
    return refuse_pattern(text, "is longer than " + std::to_string(kBytesMax) + " bytes");
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_control(c)) return refuse_pattern(text, "has a control character");
    if (c == '\\') {
      if (++at == text.size() || kEscaped.find(text[at]) == std::string_view::npos) {
        return refuse_pattern(text, "has a \\ before what stands for itself anyway: it is for " +
                                        std::string(kEscaped));
      }
      glob.literals_.back() += text[at];
      continue;
    }
    if (c == '?' || c == '[' || c == ']') {
      return refuse_pattern(text, std::string("has a ") + c +
                                      ": only * and {name} stand for others; \\" + c +
                                      " is itself");
    }
    if (c == '}') return refuse_pattern(text, "has a } without its {");
    if (c != '*' && c != '{') {
      glob.literals_.back() += c;
      continue;
    }
    if (!glob.wildcards_.empty() && glob.literals_.back().empty()) {
      return refuse_pattern(text, "has two of * and {name} with no text between them");
    }
    if (glob.wildcards_.size() == kWildcardsMax) {
      return refuse_pattern(text,
                            "has more than " + std::to_string(kWildcardsMax) + " of * and {name}");
    }
    if (c == '*') {
      glob.wildcards_.emplace_back();
    } else {
      if (auto taken = glob.take_capture(text.substr(at)); !taken) return forward(taken);
      at = text.find('}', at);
    }
    glob.literals_.emplace_back();
  }
  return glob;
}

bool Glob::matches(std::string_view name, Captures* captures) const {
  if (wildcards_.empty()) return name == literals_.front();
  if (!name.starts_with(literals_.front())) return false;
  std::size_t at = literals_.front().size();
  for (std::size_t i = 0; i < wildcards_.size(); ++i) {
    const std::string& literal = literals_[i + 1];
    const std::string& capture = wildcards_[i].capture;
    const std::size_t least = at + (capture.empty() ? 0 : 1);
    std::size_t found = std::string_view::npos;
    if (i + 1 < wildcards_.size()) {
      found = name.find(literal, least);
    } else if (name.size() >= least + literal.size() && name.ends_with(literal)) {
      found = name.size() - literal.size();
    }
    if (found == std::string_view::npos) return false;
    if (captures != nullptr && !capture.empty()) {
      captures->emplace_back(capture, name.substr(at, found - at));
    }
    at = found + literal.size();
  }
  return true;
}

std::vector<std::string_view> Glob::capture_names() const {
  std::vector<std::string_view> names;
  for (const auto& [capture] : wildcards_) {
    if (!capture.empty()) names.push_back(capture);
  }
  return names;
}

bool Glob::covers(const Glob& other) const {
  // A wildcard of the other is a letter that no text of this one holds, only a `*`.
  std::string outline = other.literals_.front();
  for (std::size_t i = 0; i < other.wildcards_.size(); ++i) {
    outline += kAnyText + other.literals_[i + 1];
  }
  return matches(outline);
}

}  // namespace walpulse::rules
