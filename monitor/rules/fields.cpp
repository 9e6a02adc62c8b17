#include "monitor/rules/fields.h"

#include "publisher/config/nearest.h"

namespace walpulse::rules {

void refuse_key(const NodeEntry& entry, const std::string& table,
                const std::vector<KeyExample>& known, Reporter report) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const KeyExample& key : known) names.push_back(key.name);
  const std::string_view meant = report.is_full() ? "" : config::nearest(entry.key, names);
  const auto found = std::ranges::find(known, meant, &KeyExample::name);
  report.add(entry.line, in_quotes(entry.key),
             "is not a key of " + table +
                 (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"),
             found == known.end() ? known.front().example : found->example);
}

}  // namespace walpulse::rules
