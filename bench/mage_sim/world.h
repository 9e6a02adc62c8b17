#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/mage_sim/odds.h"
#include "bench/mage_sim/pipeline.h"
#include "bench/mage_sim/random.h"
#include "bench/mage_sim/scenario.h"
#include "bench/mage_sim/script.h"
#include "bench/mage_sim/transaction.h"

namespace walpulse::mage_sim {

struct WorldOptions {
  std::size_t first_pipeline = 0;
  std::size_t pipelines = 1;
  std::uint64_t runs_max = 0;  ///< Without those of the history. 0: no end.
  std::uint64_t seed = 1;
  bool backdate = false;  ///< created_at and started_at lie as far back as the script says.
  Odds odds;
  Scenario scenario = Scenario::steady;
  std::int64_t history_ms = 0;  ///< How much of the past comes first, at the times that it had.
  std::int64_t live_at_ms = 0;  ///< When the history ends, in Unix milliseconds.
};

/// A few pipelines and their runs, as a sequence of transactions that only the options decide.
/// In its history each slot of a trigger has its run; after that runs come at random, and time is
/// the caller's. Pure: the caller executes each transaction, and fills in the ids that it makes,
/// before the next one.
class World {
 public:
  explicit World(const WorldOptions& options);

  /// Nothing once `runs_max` runs exist and each has come to its end.
  std::optional<Transaction> next();
  /// Whether the history is over: what comes next is the live part's.
  bool live() const {
    return queue_.empty() ? agenda_.empty() || agenda_.begin()->first >= 0 : !in_history();
  }
  std::uint64_t created_count() const { return created_count_; }
  std::uint64_t history_count() const { return history_count_; }

 private:
  struct Due {
    enum class What : std::uint8_t { step, arrival, early_arrival, burst, outage };
    What what = What::arrival;
    std::uint64_t run = 0;     ///< Of a step.
    std::size_t pipeline = 0;  ///< Of an arrival.
    std::int64_t slot_ms = 0;  ///< Of an arrival in the history: whose run it is. 0: of none.
  };

  // When and what: world.cpp.
  bool may_create() const {
    return options_.runs_max == 0 || created_count_ - history_count_ < options_.runs_max;
  }
  bool in_history() const { return now_ms_ < 0; }
  bool in_outage() const { return now_ms_ < outage_until_ms_; }
  bool makes_run(const Due& due) const;
  std::int64_t unix_ms() const { return options_.live_at_ms + now_ms_; }
  void schedule(std::int64_t wait_ms, Due due);
  void schedule_arrival(std::size_t index);
  void schedule_slot(std::size_t index);
  void come(const Due& due);
  bool story() const { return options_.scenario == Scenario::story; }
  bool makes_none(const Due& due) const;
  double arrival_ms() const;
  void arrive(const Due& due);
  void arrive_live(std::size_t index);
  void arrive_early(std::size_t index);
  void burst();
  void outage();
  Transaction& commit(Statement statement);

  // Of one run: runs.cpp.
  void backfill(std::size_t index);
  void backfill_step(const std::shared_ptr<Backfill>& backfill, const char* name);
  void create_trigger(Pipeline& pipeline);
  Run new_run(std::size_t index);
  Transaction& create_run(Run run);
  void schedule_step(const Run& run);
  void note_end(Run& run, Act act);
  void note_blocks(Run& run, const Step& step);
  void step(Run& run);
  Statement statement_of(const Step& step, Run& run);
  void rest(Run& run);

  // Of a whole pipeline: upheavals.cpp.
  bool upheaval(std::size_t index);
  void delete_trigger(std::size_t index);
  void orphan(Run& run);
  void retry_failed(Pipeline& pipeline);
  void purge(Pipeline& pipeline);
  void rename(Pipeline& pipeline);

  WorldOptions options_;
  Random random_;
  std::vector<Pipeline> pipelines_;
  std::unordered_map<std::uint64_t, Run> runs_;
  std::multimap<std::int64_t, Due>
      agenda_;                     ///< By simulated time; equal times in order of insertion.
  std::deque<Transaction> queue_;  ///< Decided, and not yet given out.
  bool early_begun_ = false;
  bool unpaced_ = false;     ///< What is committed now goes at once.
  std::int64_t now_ms_ = 0;  ///< Simulated time, 0 where the history ends.
  std::int64_t outage_until_ms_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t created_count_ = 0;
  std::uint64_t history_count_ = 0;  ///< Of those.
};

}  // namespace walpulse::mage_sim
