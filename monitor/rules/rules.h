#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "monitor/rules/channel_rule.h"
#include "monitor/rules/keys.h"
#include "monitor/rules/mistake.h"
#include "monitor/rules/policy.h"
#include "monitor/rules/route_rules.h"
#include "monitor/rules/subject_pattern.h"
#include "monitor/rules/table_index.h"
#include "monitor/rules/time_zone.h"

namespace walpulse::rules {

/// More is refused, so that reading has its bounds in time and memory.
inline constexpr std::size_t kRulesBytesMax = std::size_t{4} << 20;  ///< Of all files together.
inline constexpr std::size_t kFilesMax = 1'000;
inline constexpr std::size_t kTablesMax = 10'000;
inline constexpr std::size_t kAftersMax = 1'000;
inline constexpr std::size_t kChannelsMax = 200;

/// One file, read already.
struct RulesText {
  std::string name;  ///< As mistakes call it.
  std::string text;
  bool included = false;                 ///< By an [[include]]: it may include no others.
  std::vector<std::string> within = {};  ///< Of that [[include]]; empty: it may touch everything.
};

/// A body_file of an [[after]], read already.
struct BodyText {
  std::string name;  ///< The rules file's folder with the path that the table names.
  std::string text;
  std::string trouble = {};  ///< Why it could not be read; empty: it was.
};

/// One key that a table sets.
struct Assignment {
  const Key* key = nullptr;
  std::string label;  ///< The NAME of expect_each.NAME; empty otherwise.
  Value value;
  Place place;
};

/// A [[pipeline]], or [defaults], which matches everything.
struct RuleTable {
  Place place;
  SubjectPattern about;
  std::vector<Assignment> assignments;
};

/// An [[expect]]: for this subject these keys have these values.
struct Expectation {
  Place place;
  Subject subject;
  std::vector<Assignment> assignments;
  std::optional<Placed<Names>> to;  ///< Exactly these channels are told; empty: nobody.
  monitor::ProblemKind when = monitor::ProblemKind::failing;  ///< Of what they are told.
};

/// Rules that are in order. A value; all threads may read one.
struct Rules {
  std::vector<std::string> files;  ///< Names, in their order: Place::file.
  TimeZone time_zone;
  std::vector<RuleTable> tables;  ///< In the order in which they apply; [defaults] first.
  TableIndex table_index;         ///< Of `tables`.
  std::vector<ChannelRule> channels;
  std::vector<NotifyRule> notifies;  ///< That of a single channel too, which nobody has to write.
  std::vector<QuietRule> quiets;
  std::vector<AfterRule> afters;
  TableIndex notify_index, quiet_index, after_index;
  std::optional<DeadmanRule> deadman;
  std::vector<Expectation> expectations;
  std::size_t table_count = 0;  ///< Tables of all kinds.
};

/// Reads the files in their order. Pure but for the machine's time zones. All mistakes are found at
/// once, in the order of files and lines; of a file that is not TOML only the first. `bodies`:
/// every body_file that they name.
tl::expected<Rules, Mistakes> read_rules(std::span<const RulesText> texts,
                                         std::span<const BodyText> bodies = {});

/// What the rules come to: all tables that match apply in their order, key by key, and the last one
/// that has a key wins; "off" takes a value away. Time grows with the number of tables of which
/// `match` begins as the name does.
Policy policy_of(const Rules& rules, const Subject& subject);

/// "rules.toml:12"; "default" for what is built in.
std::string to_string(const Rules& rules, Place place);

}  // namespace walpulse::rules
