// What happens to a whole pipeline at once, each in one transaction.
#include <deque>
#include <utility>

#include "bench/mage_sim/world.h"

namespace walpulse::mage_sim {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

Statement act_on(Act act, std::vector<std::int64_t> ids) {
  Statement statement;
  statement.act = act;
  statement.ids = std::move(ids);
  return statement;
}

// What still happens to a run under way once its trigger is gone: the block in progress ends.
Script block_in_progress(const Script& script) {
  for (const Step& step : script) {
    if (step.act == Act::block_queue || step.act == Act::block_start || ends(step.act)) break;
    if (step.act == Act::block_complete || step.act == Act::block_fail ||
        step.act == Act::block_time_out)
      return {step};
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

bool World::upheaval(std::size_t index) {
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  if (random_.chance(odds.delete_trigger) && pipeline.has_trigger) {
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
  Pipeline& pipeline = pipelines_[index];
  pipeline.has_trigger = false;
  Statement statement = act_on(Act::touch, {pipeline.trigger.id});
  statement.kind = Statement::Kind::delete_trigger;
  statement.pipeline = &pipeline;
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
    run.script.push_back({kHourMs, Act::cancel});
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

// Their blocks first, in a transaction of their own.
void World::retry_failed(Pipeline& pipeline) {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> with_blocks;
  std::deque<std::uint64_t> others;
  for (const std::uint64_t number : pipeline.finished) {
    Run& run = runs_.at(number);
    if (!run.failed || run.orphaned) {
      others.push_back(number);
      continue;
    }
    ids.push_back(run.id);
    if (run.blocks.count > 0) with_blocks.push_back(run.id);
    run.failed = false;
    run.active = true;
    run.script = write_rerun(random_, options_.odds, run.blocks, pipeline.blocks.size());
    run.ages = planned_ages(run.script);
    schedule_step(run);
  }
  pipeline.finished = std::move(others);
  if (!with_blocks.empty()) commit(act_on(Act::blocks_reset, std::move(with_blocks)));
  if (!ids.empty()) commit(act_on(Act::reset, std::move(ids)));
}

}  // namespace walpulse::mage_sim
