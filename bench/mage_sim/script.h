#pragma once

#include <cstdint>
#include <deque>

#include "bench/mage_sim/odds.h"
#include "bench/mage_sim/random.h"

namespace walpulse::mage_sim {

/// What one UPDATE of Mage's does to a run.
enum class Act : std::uint8_t {
  start,       ///< RUNNING and started_at.
  resume,      ///< RUNNING alone: "retry incomplete blocks".
  reset,       ///< INITIAL alone: "retry all"; start() follows.
  complete,    ///< COMPLETED and completed_at.
  fail,        ///< FAILED alone: completed_at stays NULL or stale.
  fail_ended,  ///< FAILED and completed_at: blocks were allowed to fail.
  cancel,      ///< CANCELLED alone.
  miss_sla,    ///< passed_sla.
  touch,       ///< updated_at alone, which every other act sets too.
  metrics,     ///< Integration bookkeeping; the status stays.
  executor,    ///< The executor's type.
  remove,      ///< DELETE.
  again,       ///< A full retry: another run with the same date and variables.
  change_key,  ///< The row gets another id, by hand.

  // Of one of the run's rows in block_run.
  block_create,          ///< INSERT, INITIAL.
  block_queue,           ///< QUEUED.
  block_start,           ///< RUNNING and started_at.
  block_complete,        ///< COMPLETED and completed_at.
  block_fail,            ///< FAILED, and metrics with an error.
  block_time_out,        ///< FAILED, and metrics without one.
  block_fail_upstream,   ///< UPSTREAM_FAILED: one before it was allowed to fail.
  block_fail_condition,  ///< CONDITION_FAILED, which is no failure.
  // Of several of them, in one UPDATE.
  blocks_cancel,  ///< CANCELLED: those not at their end.
  blocks_reset,   ///< INITIAL alone: those not COMPLETED, and the step's block and those after it.
};

/// Whether the run's status is terminal after it.
bool ends(Act act);
/// Whether it sets a run going that had ended.
bool revives(Act act);
bool of_blocks(Act act);

struct Step {
  std::int64_t wait_ms = 0;  ///< After the step before, in simulated time.
  Act act = Act::touch;
  std::size_t block = 0;  ///< Which of the pipeline's, of an act on blocks.
};
using Script = std::deque<Step>;

/// Of a run's rows in block_run: how many, and how many from the first on are at their end.
struct Blocks {
  std::size_t count = 0;
  std::size_t done = 0;
};

/// Everything that will happen to one run after its INSERT, up to its end. Mage's web process makes
/// a run's `blocks` at once (API, backfills), its scheduler when it starts the run, and neither
/// makes any for a run that is skipped or fails to initialise. By the odds, a run has none at all.
Script write_script(Random& random, const Odds& odds, std::size_t blocks, bool by_web);
/// What follows when a failed run was set back to INITIAL together with others. `had`: its rows in
/// block_run; where it has none it gets `blocks`, by the same odds.
Script write_rerun(Random& random, const Odds& odds, Blocks had, std::size_t blocks);

/// How old a run would be at its first end if its waits were real time.
struct Ages {
  std::int64_t created_ms = 0;
  std::int64_t started_ms = 0;
};
Ages planned_ages(const Script& script);

}  // namespace walpulse::mage_sim
