#include "bench/mage_sim/scenario.h"

namespace walpulse::mage_sim {

Odds odds_of(Scenario scenario) {
  Odds odds;
  switch (scenario) {
    case Scenario::retry_storm:
      odds.fail = 0.85;
      odds.retry = 0.95;
      odds.retry_next_day = 0;
      odds.retry_failed = 0.1;
      odds.full_retry = 0.2;
      odds.retries_max = 12;
      break;
    case Scenario::orphan:
      odds.delete_trigger = 0.15;
      odds.cancel_orphan = 0;
      break;
    case Scenario::scheduler_dead:  // What else makes runs of a trigger.
      odds.full_retry = 0;
      odds.backfill = 0;
      break;
    case Scenario::story:  // Nothing happens by chance.
      odds.backfill = odds.early = odds.roll_back = odds.savepoint = 0;
      odds.delete_trigger = odds.rename_pipeline = odds.purge = odds.retry_failed = 0;
      break;
    case Scenario::steady:
    case Scenario::burst:
    case Scenario::outage:
    case Scenario::late:
      break;
  }
  return odds;
}

}  // namespace walpulse::mage_sim
