#include "bench/mage_sim/world.h"

#include <algorithm>
#include <utility>

#include "bench/mage_sim/payload.h"

namespace walpulse::mage_sim {
namespace {

constexpr double kArrivalMs = 20'000;
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
  Transaction out;
  while (out.statements.empty()) {
    if (agenda_.empty()) return std::nullopt;
    const auto first = agenda_.begin();
    now_ms_ = first->first;
    const Due due = first->second;
    agenda_.erase(first);
    if (due.run) {
      step(runs_.at(*due.run), out);
    } else if (may_create()) {
      arrive(due.pipeline, out);
      schedule(random_.around_ms(kArrivalMs), due);
    }
  }
  out.roll_back_first = random_.chance(options_.odds.roll_back);
  out.savepoint = random_.chance(options_.odds.savepoint);
  return out;
}

void World::arrive(std::size_t index, Transaction& out) {
  if (upheaval(index, out)) return;
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  Run run;
  run.pipeline = index;
  run.backfilled = random_.chance(odds.backfill);
  run.triggered = run.backfilled || !random_.chance(odds.manual);
  if (run.triggered && pipeline.trigger_id == 0) {
    out.statements.push_back(on_pipeline(Statement::Kind::create_trigger, pipeline));
  }
  if (run.backfilled) {
    out.statements.push_back(on_pipeline(Statement::Kind::create_backfill, pipeline));
  }
  const bool large = random_.chance(odds.large_variables);
  run.variables = variables_json(random_, pipeline.partner, large);
  if (random_.chance(odds.event_variables)) run.event_variables = event_variables_json(random_);
  const std::uint64_t runs = run.backfilled ? 2 + random_.below(kBackfillRunsMax - 1) : 1;
  for (std::uint64_t i = 0; i < runs && may_create(); ++i) {
    if (run.backfilled) run.execution_age_ms = static_cast<std::int64_t>(30 + i) * kDayMs;
    create_run(run, out);
  }
}

// What happens to a whole pipeline at once, each in one transaction.
bool World::upheaval(std::size_t index, Transaction& out) {
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  if (random_.chance(odds.delete_trigger) && pipeline.trigger_id != 0) {
    Statement statement = act_on(Act::touch, {std::exchange(pipeline.trigger_id, 0)});
    statement.kind = Statement::Kind::delete_trigger;
    out.statements.push_back(std::move(statement));
  } else if (random_.chance(odds.rename_pipeline)) {
    rename(pipeline, out);
  } else if (random_.chance(odds.purge)) {
    purge(pipeline, out);
  } else if (random_.chance(odds.retry_failed)) {
    retry_failed(pipeline, out);
  }
  return !out.statements.empty();
}

void World::rename(Pipeline& pipeline, Transaction& out) {
  Statement statement;
  statement.kind = Statement::Kind::rename;
  statement.to = pipeline.base + "_v" + std::to_string(++pipeline.generation);
  statement.text = std::exchange(pipeline.name, statement.to);
  out.statements.push_back(std::move(statement));
}

void World::purge(Pipeline& pipeline, Transaction& out) {
  Statement statement;
  statement.kind = Statement::Kind::purge;
  for (auto left = pipeline.finished.size() / 2; left > 0; --left) {
    const auto found = runs_.find(pipeline.finished.front());
    pipeline.finished.pop_front();
    statement.ids.push_back(found->second.id);
    runs_.erase(found);
  }
  if (!statement.ids.empty()) out.statements.push_back(std::move(statement));
}

void World::retry_failed(Pipeline& pipeline, Transaction& out) {
  std::vector<std::int64_t> ids;
  std::deque<std::uint64_t> others;
  for (const std::uint64_t number : pipeline.finished) {
    Run& run = runs_.at(number);
    if (!run.failed) {
      others.push_back(number);
      continue;
    }
    ids.push_back(run.id);
    run.failed = false;
    run.script = write_rerun(random_, options_.odds);
    run.ages = planned_ages(run.script);
    schedule(run.script.front().wait_ms, Due{number, run.pipeline});
  }
  pipeline.finished = std::move(others);
  if (!ids.empty()) out.statements.push_back(act_on(Act::reset, std::move(ids)));
}

void World::create_run(Run run, Transaction& out) {
  run.number = ++created_count_;
  run.script = write_script(random_, options_.odds);
  run.ages = options_.backdate ? planned_ages(run.script) : Ages{};
  Run& placed = runs_.emplace(run.number, std::move(run)).first->second;
  Statement statement;
  statement.kind = Statement::Kind::create_run;
  statement.run = &placed;
  statement.pipeline = &pipelines_[placed.pipeline];
  out.statements.push_back(std::move(statement));
  if (!placed.script.empty()) {
    schedule(placed.script.front().wait_ms, Due{placed.number, placed.pipeline});
  }
}

void World::step(Run& run, Transaction& out) {
  const Act act = run.script.front().act;
  run.script.pop_front();
  if (act == Act::again) {
    if (may_create()) {
      Run copy = run;
      copy.failed = false;
      create_run(std::move(copy), out);
    }
  } else {
    Statement statement = act_on(act, {run.id});
    if (act == Act::metrics) statement.text = metrics_json(random_);
    if (act == Act::start) statement.age_ms = options_.backdate ? run.ages.started_ms : 0;
    out.statements.push_back(std::move(statement));
  }
  if (act == Act::fail || act == Act::fail_ended) run.failed = true;
  if (act == Act::resume || act == Act::reset) run.failed = false;
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
