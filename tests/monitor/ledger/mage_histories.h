#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "tests/monitor/ledger_events.h"

/// Histories of Mage's table under everything that people do to it, and what they come to by
/// another program than the ledger's: one pass over the log in order, with the row before at hand,
/// as a trigger in the database has it.
namespace walpulse::monitor::testing {

using Random = std::mt19937_64;

/// How often, or how much, by metric and labels: "finished COMPLETED daily+acme".
using Figures = std::map<std::string, double>;

struct Truth {
  Figures counts;  ///< Of what counts at once.
  Figures values;  ///< Skips, durations and queue times, and their sums.
  Figures gauges;  ///< Active runs by status and pipeline, and the birth of the oldest.
};

/// One change, when it was published (in seconds by a clock that runs evenly) and its place in the
/// log. What a snapshot read is among them.
struct Published {
  double time = 0;
  std::uint64_t place = 0;
  Change change;
};

class MageHistory {
 public:
  /// Where `reuse` an id may be used again by a row of the same created_at.
  MageHistory(Random& random, bool reuse);

  std::vector<Published> log;  ///< In order.

 private:
  struct Row {
    std::string status;
    std::optional<double> started, completed, created;
    bool sla = false;
    std::string pipeline;
    bool partner = false;
  };
  using Rows = std::map<std::int64_t, Row>;

  double now() const { return time_ + skew_; }
  bool chance(double probability);
  template <class T>
  T one_of(std::initializer_list<T> values);
  std::int64_t any_run();

  void act();
  void begin();  ///< A transaction.
  void put(schema::Operation op, std::int64_t run, const Row* row,
           std::optional<std::int64_t> previous = std::nullopt);
  void move_key(std::int64_t from, std::int64_t to, const Row& row);
  void insert(std::optional<std::int64_t> run);
  void work(std::int64_t run, Row& row);
  void reuse_id(std::int64_t run, double deed);
  void change_key(std::int64_t run);
  void change_created();
  void truncate_table();
  void take_snapshot();

  Random& random_;
  const bool reuse_;
  const bool big_;  ///< `variables` is TOASTed: only inserts and snapshots carry the label.
  double time_ = 0, skew_ = 0;
  std::uint64_t lsn_ = 0;
  std::int64_t ordinal_ = 0;
  std::int64_t next_ = 1;
  Rows rows_;
};

Truth truth_of(const std::vector<Published>& log);

}  // namespace walpulse::monitor::testing
