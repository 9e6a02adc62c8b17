#include "publisher/config/config_file.h"

#include <toml++/toml.h>
#include <algorithm>
#include <optional>
#include <sstream>

namespace walpulse::config {
namespace {

tl::unexpected<Error> refuse(const toml::source_region& where, const std::string& reason,
                             const std::string& remedy = {}) {
  return fail(ErrorKind::malformed, "line " + std::to_string(where.begin.line) + ": " + reason,
              remedy);
}

/// As the flag would be given; nothing for what no flag takes.
std::optional<std::string> scalar(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* on = node.as_boolean()) return on->get() ? "true" : "false";
  return std::nullopt;
}

Result<std::vector<std::string>> values_of(const toml::node& node) {
  std::vector<std::string> values;
  const auto take = [&](const toml::node& one) {
    const auto text = scalar(one);
    if (text) values.push_back(*text);
    return text.has_value();
  };
  bool known = true;
  if (const auto* array = node.as_array()) {
    known = std::all_of(array->begin(), array->end(), take);
  } else {
    known = take(node);
  }
  if (node.is_table()) {
    return refuse(node.source(), "tables are not used here", "write the keys at the top level");
  }
  if (!known)
    return refuse(node.source(), "a value is a string in quotes, a number or true, false");
  return values;
}

}  // namespace

Result<std::vector<ConfigEntry>> parse_config(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return refuse(error.source(), std::string(error.description()));
  }
  std::vector<ConfigEntry> entries;
  for (const auto& [key, node] : table) {
    auto values = values_of(node);
    if (!values) return tl::unexpected(values.error());
    entries.push_back(
        {std::string(key.str()), *std::move(values), static_cast<int>(key.source().begin.line)});
  }
  std::sort(entries.begin(), entries.end(),
            [](const ConfigEntry& a, const ConfigEntry& b) { return a.line < b.line; });
  return entries;
}

}  // namespace walpulse::config
