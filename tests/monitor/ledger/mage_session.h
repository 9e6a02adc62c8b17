#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/monitor/table_events.h"

/// What the real Mage 0.9.80 wrote of runs, triggers and blocks in one session, and what it comes
/// to by one pass over it in order.
namespace walpulse::monitor::testing {

class Session {
 public:
  /// Columns as text; without a value: NULL.
  using Row = std::map<std::string, std::optional<std::string>>;
  using Rows = std::map<std::int64_t, Row>;

  /// What was committed by then; all of it where that is left out.
  explicit Session(Timestamp until = kInfinity);

  std::vector<ReceivedMessage> log;
  std::set<std::string> triggers;  ///< "id status name settings".
  std::set<std::string> blocks;    ///< "run id name status".
  std::map<std::string, std::int64_t> causes;
  std::set<std::int64_t> runs;
  std::map<std::string, Rows> rows;  ///< By table, as they stand at the end.

  /// One change of a run's status.
  struct Step {
    std::int64_t run = 0;
    std::string status;
    std::uint64_t lsn = 0;
  };
  std::vector<Step> steps;  ///< In the order of the log.

 private:
  void take(const std::string& line, Timestamp until);
  void note(const TableChange& change, const Row& row, const std::string& before);
  void fail(std::int64_t run, const Row& row, const std::string& before);
  void close();

  std::map<std::pair<std::uint64_t, std::string>, std::int64_t> ordinals_;
  std::map<std::int64_t, std::map<std::int64_t, std::pair<std::uint64_t, bool>>> failed_;
  std::set<std::int64_t> seen_;
};

/// "-" where there is none.
std::string text_or(const Session::Row& row, const char* column);

}  // namespace walpulse::monitor::testing
