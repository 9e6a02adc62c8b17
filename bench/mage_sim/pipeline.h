#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/mage_sim/scenario.h"
#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {

/// What a row of pipeline_schedule says.
struct Trigger {
  std::int64_t id = 0;      ///< pipeline_schedule.id; set by the database.
  std::string interval;     ///< Its schedule_type is TIME; empty: API.
  std::string settings;     ///< JSON text; empty: NULL.
  int sla_seconds = 0;      ///< 0: NULL.
  std::int64_t age_ms = 0;  ///< How far back start_time and last_enabled_at lie.

  bool timed() const { return !interval.empty(); }
};

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
  std::vector<std::string> blocks;
  Trigger trigger;
  bool has_trigger = false;  ///< Of the transactions given out, one makes it.
  std::int64_t late_ms = 0;  ///< How late its runs are in the scenario `late`.
  bool made_late = false;    ///< They are made late, else made in time and started late.
  int generation = 1;
  std::deque<std::uint64_t> finished;  ///< Numbers of runs at rest, oldest first.
};

/// The pipeline of that index, the same one each time. `live_at_ms` is Unix time.
Pipeline pipeline_of(std::size_t index, Scenario scenario, std::int64_t live_at_ms);

struct Run {
  std::uint64_t number = 0;  ///< Within the world.
  std::int64_t id = 0;       ///< pipeline_run.id; set by the database.
  std::size_t pipeline = 0;
  bool active = true;   ///< Its status is INITIAL or RUNNING.
  bool failed = false;  ///< Its last status is FAILED.
  bool triggered = true;
  bool orphaned = false;               ///< Its trigger was deleted.
  std::shared_ptr<Backfill> backfill;  ///< Null for most.
  std::int64_t execution_age_ms = 0;   ///< Of a backfill's: how far back execution_date lies.
  /// Unix time; where it is missing the database sets it: to the newest slot of the trigger, or the
  /// instant of the INSERT.
  std::optional<std::int64_t> execution_ms;
  Ages ages;  ///< How far its instants lie back: where the world backdates, or the INSERT's
              ///< transaction began early in the history.
  std::optional<std::string> variables;  ///< JSON text; none is SQL NULL.
  std::optional<std::string> event_variables;
  Blocks blocks;  ///< Its rows in block_run.
  Script script;  ///< What is still to come.
};

}  // namespace walpulse::mage_sim
