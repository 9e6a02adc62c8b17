#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/subject_pattern.h"

namespace walpulse::rules {

/// Finds, among many tables, those whose `match` may let a name in: by the text with which their
/// patterns begin. A rules file of a thousand tables is then as cheap as the few that concern a
/// pipeline.
class TableIndex {
 public:
  TableIndex() = default;
  explicit TableIndex(std::span<const SubjectPattern* const> tables);

  /// Positions of tables, ascending: all that match, and no other but of the same beginning. Time
  /// grows with the name's length and with what is found.
  std::vector<std::size_t> candidates(std::string_view name) const;

 private:
  void add(const std::string& prefix, std::size_t table);

  /// Of one length of beginnings each: what stands behind it.
  std::map<std::size_t, std::map<std::string, std::vector<std::size_t>, std::less<>>> by_length_;
};

}  // namespace walpulse::rules
