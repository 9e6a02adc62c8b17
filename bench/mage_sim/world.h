#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/mage_sim/odds.h"
#include "bench/mage_sim/random.h"
#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {

struct Backfill {
  std::int64_t id = 0;          ///< backfill.id; set by the database.
  std::int64_t trigger_id = 0;  ///< Of the trigger that its runs have; set by the database.
  std::uint64_t runs_left = 0;
  bool failed = false;
};

struct Pipeline {
  std::string base;     ///< Its first name.
  std::string name;     ///< pipeline_uuid, today.
  std::string partner;  ///< JSON text of variables.partner; empty: the key is missing.
  int generation = 1;
  std::int64_t trigger_id =
      0;  ///< pipeline_schedule.id; 0: none at the moment. Set by the database.
  std::deque<std::uint64_t> finished;  ///< Numbers of runs at rest, oldest first.
};

struct Run {
  std::uint64_t number = 0;  ///< Within the world.
  std::int64_t id = 0;       ///< pipeline_run.id; set by the database.
  std::size_t pipeline = 0;
  bool active = true;   ///< Its status is INITIAL or RUNNING.
  bool failed = false;  ///< Its last status is FAILED.
  bool triggered = true;
  bool orphaned = false;                 ///< Its trigger was deleted.
  std::shared_ptr<Backfill> backfill;    ///< Null for most.
  std::int64_t execution_age_ms = 0;     ///< execution_date lies so far back.
  Ages ages;                             ///< Used where the world backdates.
  std::optional<std::string> variables;  ///< JSON text; none is SQL NULL.
  std::optional<std::string> event_variables;
  Script script;  ///< What is still to come.
};

struct Statement {
  enum class Kind : std::uint8_t {
    create_trigger,    ///< of `pipeline`
    create_backfill,   ///< `backfill` of `pipeline`
    backfill_trigger,  ///< of `backfill` and `pipeline`
    backfill_step,     ///< `text` names it
    begin_early,       ///< Begins the transaction that the next early one ends.
    create_run,        ///< `run` of `pipeline`
    change_key,        ///< of `run`, whose id is the one in `ids`
    act,               ///< `act` on the runs `ids`
    delete_trigger,    ///< `ids`: every run of it loses pipeline_schedule_id
    rename,            ///< `text` to `to`: every run of it is rewritten
    purge,             ///< the runs `ids`
  };
  Kind kind = Kind::act;
  Act act = Act::touch;
  std::vector<std::int64_t> ids;
  Pipeline* pipeline = nullptr;
  Run* run = nullptr;
  std::shared_ptr<Backfill> backfill;
  std::string text;         ///< JSON of Act::metrics; the old name of rename; a backfill's step.
  std::string to;           ///< The new name.
  std::int64_t age_ms = 0;  ///< How far started_at lies back.
};

struct Transaction {
  std::vector<Statement> statements;
  bool roll_back_first = false;  ///< Done once, rolled back, and done again.
  bool savepoint = false;        ///< Nonsense before the statements is rolled back to a savepoint.
  bool early = false;            ///< It began with begin_early, as Mage's web process does.
  bool renamed = false;          ///< The table is renamed before the statements, and back after.
};

struct WorldOptions {
  std::size_t first_pipeline = 0;
  std::size_t pipelines = 1;
  std::uint64_t runs_max = 0;  ///< 0: no end.
  std::uint64_t seed = 1;
  bool backdate = false;  ///< created_at and started_at lie as far back as the script says.
  Odds odds;
};

/// A few pipelines and their runs, as a sequence of transactions that only the seed decides. Pure:
/// the caller executes each transaction, and fills in the ids that it makes, before the next one.
class World {
 public:
  explicit World(const WorldOptions& options);

  /// Nothing once `runs_max` runs exist and each has come to its end.
  std::optional<Transaction> next();
  std::uint64_t created_count() const { return created_count_; }

 private:
  struct Due {
    std::optional<std::uint64_t> run;  ///< Its next step; none: an arrival at `pipeline`.
    std::size_t pipeline = 0;
    bool early = false;  ///< That arrival's transaction was begun before.
  };

  bool may_create() const { return options_.runs_max == 0 || created_count_ < options_.runs_max; }
  void schedule(std::int64_t wait_ms, Due due);
  void come(const Due& due);
  void arrive(std::size_t index);
  void arrive_early(std::size_t index);
  void backfill(std::size_t index);
  void backfill_step(const std::shared_ptr<Backfill>& backfill, const char* name);
  void note_end(Run& run, Act act);
  void step(Run& run);
  Statement statement_of(Act act, Run& run);
  bool upheaval(std::size_t index);
  void delete_trigger(std::size_t index);
  void orphan(Run& run);
  void retry_failed(Pipeline& pipeline);
  void purge(Pipeline& pipeline);
  void rename(Pipeline& pipeline);
  Run new_run(std::size_t index);
  void create_run(Run run);
  void rest(Run& run);
  Transaction& commit(Statement statement);

  WorldOptions options_;
  Random random_;
  std::vector<Pipeline> pipelines_;
  std::unordered_map<std::uint64_t, Run> runs_;
  std::multimap<std::int64_t, Due>
      agenda_;                     ///< By simulated time; equal times in order of insertion.
  std::deque<Transaction> queue_;  ///< Decided, and not yet given out.
  bool early_begun_ = false;
  std::int64_t now_ms_ = 0;
  std::uint64_t created_count_ = 0;
};

}  // namespace walpulse::mage_sim
