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

  // Of the run's row in block_run.
  block_create,
  block_start,
  block_complete,
  block_fail,
  block_reset,
};

/// Whether the run's status is terminal after it.
bool ends(Act act);
/// Whether it sets a run going that had ended.
bool revives(Act act);

struct Step {
  std::int64_t wait_ms = 0;  ///< After the step before, in simulated time.
  Act act = Act::touch;
};
using Script = std::deque<Step>;

/// Everything that will happen to one run after its INSERT, up to its end.
Script write_script(Random& random, const Odds& odds);
/// What follows when a failed run was set back to INITIAL together with others.
Script write_rerun(Random& random, const Odds& odds);

/// How old a run would be at its first end if its waits were real time.
struct Ages {
  std::int64_t created_ms = 0;
  std::int64_t started_ms = 0;
};
Ages planned_ages(const Script& script);

}  // namespace walpulse::mage_sim
