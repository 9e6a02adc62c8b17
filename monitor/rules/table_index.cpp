#include "monitor/rules/table_index.h"

#include <algorithm>

namespace walpulse::rules {

TableIndex::TableIndex(std::span<const SubjectPattern* const> tables) {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto& match = tables[i]->match;
    if (!match || match->wanted().empty()) {
      add("", i);
      continue;
    }
    for (const Glob& glob : match->wanted()) add(glob.beginning(), i);
  }
}

void TableIndex::add(const std::string& prefix, std::size_t table) {
  auto& tables = by_length_[prefix.size()][prefix];
  if (tables.empty() || tables.back() != table) tables.push_back(table);
}

std::vector<std::size_t> TableIndex::candidates(std::string_view name) const {
  std::vector<std::size_t> found;
  for (const auto& [length, tables] : by_length_) {
    if (length > name.size()) break;
    const auto here = tables.find(name.substr(0, length));
    if (here == tables.end()) continue;
    found.insert(found.end(), here->second.begin(), here->second.end());
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace walpulse::rules
