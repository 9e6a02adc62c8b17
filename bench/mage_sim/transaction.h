#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/mage_sim/pipeline.h"
#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {

struct Statement {
  enum class Kind : std::uint8_t {
    create_trigger,    ///< of `pipeline`
    create_backfill,   ///< `backfill` of `pipeline`
    backfill_trigger,  ///< of `backfill` and `pipeline`
    backfill_step,     ///< `text` names it
    begin_early,       ///< Begins the transaction that the next early one ends.
    create_run,        ///< `run` of `pipeline`, and of `backfill` if any
    create_block,      ///< `blocks`, one, of `run`
    change_key,        ///< of `run`, whose id is the one in `ids`
    act,               ///< `act` on the runs `ids`, or on `blocks` of them
    delete_trigger,    ///< `ids`: every run of it loses pipeline_schedule_id
    rename,            ///< `text` to `to`: every run of it is rewritten
    purge,             ///< the runs `ids`
  };
  Kind kind = Kind::act;
  Act act = Act::touch;
  std::vector<std::int64_t> ids;
  std::vector<std::string> blocks;  ///< block_run.block_uuid
  Pipeline* pipeline = nullptr;
  Run* run = nullptr;
  std::shared_ptr<Backfill> backfill;
  std::string text;         ///< JSON of metrics; the old name of rename; a backfill's step.
  std::string to;           ///< The new name.
  std::int64_t age_ms = 0;  ///< How far started_at lies back.
};

struct Transaction {
  std::vector<Statement> statements;  ///< None: only the stillness.
  bool roll_back_first = false;       ///< Done once, rolled back, and done again.
  bool savepoint = false;  ///< Nonsense before the statements is rolled back to a savepoint.
  bool early = false;      ///< It began with begin_early, as Mage's web process does.
  bool renamed = false;    ///< The table is renamed before the statements, and back after.
  bool unpaced = false;    ///< Nobody waits after it, whatever the rate.
  std::optional<std::int64_t> due_ms;  ///< Not before so long after the live part began.
  std::int64_t still_ms = 0;           ///< Nothing is written for so long, in real time.
  std::optional<std::int64_t> at_ms;   ///< When it was committed, in Unix time; none: now.
};

}  // namespace walpulse::mage_sim
