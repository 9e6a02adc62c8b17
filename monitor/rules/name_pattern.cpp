#include "monitor/rules/name_pattern.h"

#include <algorithm>
#include <utility>

#include "monitor/rules/mistake.h"

namespace walpulse::rules {

Result<NamePattern> NamePattern::read(const std::vector<std::string>& texts) {
  if (texts.empty()) return fail(ErrorKind::malformed, "the list is empty");
  if (texts.size() > kPatternsMax) {
    return fail(ErrorKind::malformed,
                "has more than " + std::to_string(kPatternsMax) + " patterns");
  }
  NamePattern pattern;
  for (auto text = texts.begin(); text != texts.end(); ++text) {
    if (std::find(texts.begin(), text, *text) != text) {
      return fail(ErrorKind::malformed, "names " + in_quotes(*text) + " twice");
    }
    const bool excludes = text->starts_with('!');
    auto glob = Glob::read(std::string_view(*text).substr(excludes ? 1 : 0));
    if (!glob) return forward(glob);
    if (excludes && !glob->capture_names().empty()) {
      return fail(ErrorKind::malformed,
                  in_quotes(*text) + " excludes names: it cannot capture from them");
    }
    (excludes ? pattern.excluded_ : pattern.wanted_).push_back(*std::move(glob));
  }
  return pattern;
}

bool NamePattern::matches(std::string_view name, Captures& captures) const {
  if (std::ranges::any_of(excluded_, [&](const Glob& glob) { return glob.matches(name); })) {
    return false;
  }
  const std::size_t before = captures.size();
  const auto take = [&](const Glob& glob) {
    captures.resize(before);
    return glob.matches(name, &captures);
  };
  return wanted_.empty() || std::ranges::any_of(wanted_, take);
}

bool NamePattern::always_captures(std::string_view name) const {
  return !wanted_.empty() && std::ranges::all_of(wanted_, [&](const Glob& glob) {
    return std::ranges::count(glob.capture_names(), name) > 0;
  });
}

std::vector<std::string_view> NamePattern::capture_names() const {
  std::vector<std::string_view> names;
  for (const Glob& glob : wanted_) {
    for (const auto name : glob.capture_names()) {
      if (std::ranges::count(names, name) == 0) names.push_back(name);
    }
  }
  return names;
}

std::vector<std::string> NamePattern::texts() const {
  std::vector<std::string> texts;
  texts.reserve(wanted_.size() + excluded_.size());
  for (const Glob& glob : wanted_) texts.push_back(glob.text());
  for (const Glob& glob : excluded_) texts.push_back('!' + glob.text());
  return texts;
}

}  // namespace walpulse::rules
