// What happens to one run.
#include <algorithm>
#include <utility>

#include "bench/mage_sim/payload.h"
#include "bench/mage_sim/story.h"
#include "bench/mage_sim/world.h"

namespace walpulse::mage_sim {
namespace {

constexpr std::size_t kFinishedMax = 2'000;  // Runs at rest that a pipeline can still come back to.
constexpr std::uint64_t kBackfillRunsMax = 5;
constexpr std::int64_t kDayMs = 86'400'000;

Statement on_trigger(Statement::Kind kind, Pipeline& pipeline,
                     const std::shared_ptr<Backfill>& backfill) {
  Statement statement;
  statement.kind = kind;
  statement.pipeline = &pipeline;
  statement.backfill = backfill;
  return statement;
}

void start_later(Script& script, std::int64_t wait_ms) {
  for (Step& step : script) {
    if (step.act != Act::start) continue;
    step.wait_ms += wait_ms;
    return;
  }
}

}  // namespace

void World::create_trigger(Pipeline& pipeline) {
  pipeline.has_trigger = true;
  commit(on_trigger(Statement::Kind::create_trigger, pipeline, nullptr));
}

Run World::new_run(std::size_t index) {
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  Run run;
  run.pipeline = index;
  if (story()) return run;
  run.triggered = !random_.chance(odds.manual);
  const bool large = random_.chance(odds.large_variables);
  run.variables = variables_json(random_, pipeline.partner, large);
  if (random_.chance(odds.event_variables)) run.event_variables = event_variables_json(random_);
  return run;
}

// Each step is a transaction of its own, as in Mage's log.
void World::backfill(std::size_t index) {
  Run run = new_run(index);
  run.triggered = true;
  run.backfill = std::make_shared<Backfill>();
  const auto made = run.backfill;
  for (const auto kind : {Statement::Kind::create_backfill, Statement::Kind::backfill_trigger})
    commit(on_trigger(kind, pipelines_[index], made));
  const std::uint64_t runs = 2 + random_.below(kBackfillRunsMax - 1);
  for (; made->runs_left < runs && may_create(); ++made->runs_left) {
    run.execution_age_ms = static_cast<std::int64_t>(30 + made->runs_left) * kDayMs;
    create_run(run);
  }
  for (const char* name :
       {"backfill_link", "backfill_activate", "backfill_initial", "backfill_running"})
    backfill_step(made, name);
}

void World::backfill_step(const std::shared_ptr<Backfill>& backfill, const char* name) {
  Statement statement;
  statement.kind = Statement::Kind::backfill_step;
  statement.backfill = backfill;
  statement.text = name;
  commit(std::move(statement));
}

// The trigger is committed before its first run. Returns the INSERT's transaction.
Transaction& World::create_run(Run run) {
  Pipeline& pipeline = pipelines_[run.pipeline];
  if (run.triggered && !run.backfill && !pipeline.has_trigger) create_trigger(pipeline);
  run.number = ++created_count_;
  run.blocks = {};
  if (story()) {
    write_story(random_, pipeline, unix_ms(), options_.live_at_ms, run);
  } else {
    run.script = write_script(random_, options_.odds, pipeline.blocks.size(),
                              run.backfill || !pipeline.trigger.timed());
  }
  if (options_.scenario == Scenario::late && in_history() && !pipeline.made_late)
    start_later(run.script, pipeline.late_ms);
  if (!in_history()) run.ages = options_.backdate ? planned_ages(run.script) : Ages{};
  Run& placed = runs_.emplace(run.number, std::move(run)).first->second;
  Statement statement = on_trigger(Statement::Kind::create_run, pipeline, placed.backfill);
  statement.run = &placed;
  Transaction& transaction = commit(std::move(statement));
  while (!placed.script.empty() && placed.script.front().wait_ms == 0) {
    const Step made_with_it = placed.script.front();
    placed.script.pop_front();
    commit(statement_of(made_with_it, placed));
    note_blocks(placed, made_with_it);
  }
  if (!placed.script.empty()) schedule_step(placed);
  return transaction;
}

void World::schedule_step(const Run& run) {
  Due due;
  due.what = Due::What::step;
  due.run = run.number;
  due.pipeline = run.pipeline;
  schedule(run.script.front().wait_ms, due);
}

Statement World::statement_of(const Step& step, Run& run) {
  const Act act = step.act;
  const auto& names = pipelines_[run.pipeline].blocks;
  Statement statement;
  statement.act = act;
  statement.ids = {run.id};
  if (act == Act::metrics) statement.text = metrics_json(random_);
  if (act == Act::block_fail) statement.text = block_error_json(random_);
  if (act == Act::start) statement.age_ms = options_.backdate ? run.ages.started_ms : 0;
  if (act == Act::blocks_reset) {
    statement.blocks.assign(names.begin() + static_cast<std::ptrdiff_t>(step.block), names.end());
  } else if (of_blocks(act) && act != Act::blocks_cancel) {
    statement.blocks = {names.at(step.block)};
  }
  if (act == Act::block_create || act == Act::change_key) {
    const bool key = act == Act::change_key;
    statement.kind = key ? Statement::Kind::change_key : Statement::Kind::create_block;
    statement.run = &run;
  }
  return statement;
}

void World::note_end(Run& run, Act act) {
  run.failed = act == Act::fail || act == Act::fail_ended;
  if (!std::exchange(run.active, false) || !run.backfill || run.backfill->runs_left == 0) return;
  if (run.failed && !std::exchange(run.backfill->failed, true))
    backfill_step(run.backfill, "backfill_failed");
  if (--run.backfill->runs_left > 0) return;
  if (!run.backfill->failed) backfill_step(run.backfill, "backfill_completed");
  backfill_step(run.backfill, "backfill_deactivate");
}

void World::note_blocks(Run& run, const Step& step) {
  if (step.act == Act::block_create) run.blocks.count = step.block + 1;
  if (step.act == Act::block_complete || step.act == Act::block_fail_condition)
    run.blocks.done = step.block + 1;
  if (step.act == Act::blocks_reset) run.blocks.done = step.block;
}

void World::step(Run& run) {
  if (run.script.empty()) return rest(run);  // its trigger was deleted meanwhile
  const Step step = run.script.front();
  const Act act = step.act;
  run.script.pop_front();
  if (act == Act::again) {
    if (in_history() || may_create()) {
      Run copy = run;
      copy.failed = false;
      copy.active = true;
      copy.ages = {};
      if (in_history()) ++history_count_;
      create_run(std::move(copy));
    }
  } else {
    commit(statement_of(step, run));
  }
  note_blocks(run, step);
  if (ends(act)) note_end(run, act);
  if (revives(act)) {
    run.active = true;
    run.failed = false;
  }
  if (act == Act::remove) {
    runs_.erase(run.number);
  } else if (run.script.empty()) {
    rest(run);
  } else {
    schedule_step(run);
  }
}

// Nothing more happens to the run by itself.
void World::rest(Run& run) {
  run.variables.reset();
  run.event_variables.reset();
  auto& finished = pipelines_[run.pipeline].finished;
  finished.push_back(run.number);
  if (finished.size() <= kFinishedMax) return;
  runs_.erase(finished.front());
  finished.pop_front();
}

}  // namespace walpulse::mage_sim
