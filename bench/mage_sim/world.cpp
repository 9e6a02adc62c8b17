#include "bench/mage_sim/world.h"

#include <algorithm>
#include <utility>

#include "bench/mage_sim/payload.h"

namespace walpulse::mage_sim {
namespace {

constexpr double kArrivalMs = 20'000;
constexpr double kEarlyMs = 300'000;         // How long Mage's web process leaves one open.
constexpr std::size_t kFinishedMax = 2'000;  // Runs at rest that a pipeline can still come back to.
constexpr std::uint64_t kBackfillRunsMax = 5;
constexpr std::int64_t kDayMs = 86'400'000;

Statement act_on(Act act, std::vector<std::int64_t> ids) {
  Statement statement;
  statement.act = act;
  statement.ids = std::move(ids);
  return statement;
}

Statement on_pipeline(Statement::Kind kind, Pipeline& pipeline) {
  Statement statement;
  statement.kind = kind;
  statement.pipeline = &pipeline;
  return statement;
}

// What still happens to a run under way once its trigger is gone: the block in progress ends.
Script block_in_progress(const Script& script) {
  for (const Step& step : script) {
    if (step.act == Act::block_start || ends(step.act)) break;
    if (step.act == Act::block_complete || step.act == Act::block_fail) return {step};
  }
  return {};
}

// A run at its end that somebody sets going without its trigger is never looked at again.
Script up_to_revival(const Script& script) {
  Script kept;
  for (const Step& step : script) {
    if (step.act != Act::again) kept.push_back(step);
    if (revives(step.act)) break;
  }
  return kept;
}

}  // namespace

World::World(const WorldOptions& options) : options_(options), random_(options.seed) {
  for (std::size_t i = 0; i < options.pipelines; ++i) {
    const std::size_t global = options.first_pipeline + i;
    Pipeline pipeline;
    pipeline.base = pipeline.name = pipeline_name(global);
    pipeline.partner = partner_json(global);
    pipelines_.push_back(std::move(pipeline));
    schedule(random_.around_ms(kArrivalMs), Due{std::nullopt, i});
  }
}

void World::schedule(std::int64_t wait_ms, Due due) { agenda_.emplace(now_ms_ + wait_ms, due); }

std::optional<Transaction> World::next() {
  while (queue_.empty()) {
    if (agenda_.empty()) return std::nullopt;
    const auto first = agenda_.begin();
    now_ms_ = first->first;
    const Due due = first->second;
    agenda_.erase(first);
    come(due);
  }
  Transaction out = std::move(queue_.front());
  queue_.pop_front();
  const bool plain = !out.early && out.statements.front().kind != Statement::Kind::begin_early;
  out.roll_back_first = random_.chance(options_.odds.roll_back) && plain;
  out.savepoint = random_.chance(options_.odds.savepoint) && plain;
  out.renamed = random_.chance(options_.odds.rename_table) && plain;
  return out;
}

void World::come(const Due& due) {
  if (due.run) {
    step(runs_.at(*due.run));
  } else if (!may_create()) {
    return;
  } else if (due.early) {
    arrive_early(due.pipeline);
  } else {
    arrive(due.pipeline);
    schedule(random_.around_ms(kArrivalMs), due);
  }
}

Transaction& World::commit(Statement statement) {
  Transaction& transaction = queue_.emplace_back();
  transaction.statements.push_back(std::move(statement));
  return transaction;
}

void World::arrive(std::size_t index) {
  if (upheaval(index)) return;
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  if (random_.chance(odds.early) && !early_begun_) {
    commit(on_pipeline(Statement::Kind::begin_early, pipeline));
    early_begun_ = true;
    schedule(random_.around_ms(kEarlyMs), Due{std::nullopt, index, true});
    return;
  }
  if (random_.chance(odds.backfill)) return backfill(index);
  create_run(new_run(index));
}

void World::arrive_early(std::size_t index) {
  early_begun_ = false;
  create_run(new_run(index));
  queue_.back().early = true;
}

Run World::new_run(std::size_t index) {
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  Run run;
  run.pipeline = index;
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
    commit(on_pipeline(kind, pipelines_[index])).statements.back().backfill = made;
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

// What happens to a whole pipeline at once, each in one transaction.
bool World::upheaval(std::size_t index) {
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  if (random_.chance(odds.delete_trigger) && pipeline.trigger_id != 0) {
    delete_trigger(index);
  } else if (random_.chance(odds.rename_pipeline)) {
    rename(pipeline);
  } else if (random_.chance(odds.purge)) {
    purge(pipeline);
  } else if (random_.chance(odds.retry_failed)) {
    retry_failed(pipeline);
  }
  return !queue_.empty();
}

void World::delete_trigger(std::size_t index) {
  Statement statement = act_on(Act::touch, {std::exchange(pipelines_[index].trigger_id, 0)});
  statement.kind = Statement::Kind::delete_trigger;
  statement.pipeline = &pipelines_[index];
  commit(std::move(statement));
  for (auto& [number, run] : runs_) {
    if (run.pipeline == index && run.triggered && !run.backfill && !run.orphaned) orphan(run);
  }
}

// Its entry in the agenda stays, for whatever is left of its script.
void World::orphan(Run& run) {
  run.orphaned = true;
  if (!run.active) {
    run.script = up_to_revival(run.script);
    return;
  }
  run.script = block_in_progress(run.script);
  // By the number: the order of runs_ is the library's.
  if (run.number % 100 < static_cast<std::uint64_t>(options_.odds.cancel_orphan * 100))
    run.script.push_back({kDayMs / 24, Act::cancel});
}

void World::rename(Pipeline& pipeline) {
  Statement statement;
  statement.kind = Statement::Kind::rename;
  statement.to = pipeline.base + "_v" + std::to_string(++pipeline.generation);
  statement.text = std::exchange(pipeline.name, statement.to);
  commit(std::move(statement));
}

void World::purge(Pipeline& pipeline) {
  Statement statement;
  statement.kind = Statement::Kind::purge;
  for (auto left = pipeline.finished.size() / 2; left > 0; --left) {
    const auto found = runs_.find(pipeline.finished.front());
    pipeline.finished.pop_front();
    statement.ids.push_back(found->second.id);
    runs_.erase(found);
  }
  if (!statement.ids.empty()) commit(std::move(statement));
}

void World::retry_failed(Pipeline& pipeline) {
  std::vector<std::int64_t> ids;
  std::deque<std::uint64_t> others;
  for (const std::uint64_t number : pipeline.finished) {
    Run& run = runs_.at(number);
    if (!run.failed || run.orphaned) {
      others.push_back(number);
      continue;
    }
    ids.push_back(run.id);
    run.failed = false;
    run.active = true;
    run.script = write_rerun(random_, options_.odds);
    run.ages = planned_ages(run.script);
    schedule(run.script.front().wait_ms, Due{number, run.pipeline});
  }
  pipeline.finished = std::move(others);
  if (!ids.empty()) commit(act_on(Act::reset, std::move(ids)));
}

// The trigger is committed before its first run.
void World::create_run(Run run) {
  Pipeline& pipeline = pipelines_[run.pipeline];
  if (run.triggered && !run.backfill && pipeline.trigger_id == 0)
    commit(on_pipeline(Statement::Kind::create_trigger, pipeline));
  run.number = ++created_count_;
  run.script = write_script(random_, options_.odds);
  run.ages = options_.backdate ? planned_ages(run.script) : Ages{};
  Run& placed = runs_.emplace(run.number, std::move(run)).first->second;
  Statement statement = on_pipeline(Statement::Kind::create_run, pipeline);
  statement.run = &placed;
  commit(std::move(statement));
  if (!placed.script.empty()) {
    schedule(placed.script.front().wait_ms, Due{placed.number, placed.pipeline});
  }
}

Statement World::statement_of(Act act, Run& run) {
  Statement statement = act_on(act, {run.id});
  if (act == Act::metrics) statement.text = metrics_json(random_);
  if (act == Act::start) statement.age_ms = options_.backdate ? run.ages.started_ms : 0;
  if (act == Act::change_key) {
    statement.kind = Statement::Kind::change_key;
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

void World::step(Run& run) {
  if (run.script.empty()) return rest(run);  // its trigger was deleted meanwhile
  const Act act = run.script.front().act;
  run.script.pop_front();
  if (act == Act::again) {
    if (may_create()) {
      Run copy = run;
      copy.failed = false;
      copy.active = true;
      create_run(std::move(copy));
    }
  } else {
    commit(statement_of(act, run));
  }
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
    schedule(run.script.front().wait_ms, Due{run.number, run.pipeline});
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
