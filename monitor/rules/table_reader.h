#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/rules/reporter.h"
#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// Reads the tables of one file that have the keys of a pipeline. What is wrong is told to the
/// reporter, and the rest of the table is read all the same.
class TableReader {
 public:
  /// `within`: what the tables may touch; empty: everything.
  TableReader(std::size_t file, std::vector<Glob> within, Reporter report)
      : file_(file), within_(std::move(within)), report_(report) {}

  RuleTable defaults(const Node& table);
  /// `defaults` may give what this table's keys need beside them.
  RuleTable pipeline(const Node& table, const std::vector<Assignment>& defaults);
  Expectation expectation(const Node& table);

 private:
  void take_key(const Key& key, const NodeEntry& entry, std::vector<Assignment>& into);
  void take_value(const Key& key, const std::string& label, const NodeEntry& entry,
                  std::vector<Assignment>& into);
  void take_channels(const NodeEntry& entry, Expectation& into);
  void take_kind(const NodeEntry& entry, Expectation& into);
  void take_subject(const NodeEntry& entry, Subject& subject);
  std::string literal(const NodeEntry& entry, const std::string& key);

  void refuse_unknown(const NodeEntry& entry, std::string_view table);

  std::size_t file_;
  std::vector<Glob> within_;
  Reporter report_;
};

}  // namespace walpulse::rules
