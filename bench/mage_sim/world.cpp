#include "bench/mage_sim/world.h"

#include <algorithm>
#include <utility>

#include "bench/mage_sim/slots.h"
#include "bench/mage_sim/story.h"

namespace walpulse::mage_sim {
namespace {

constexpr double kArrivalMs = 20'000;
constexpr double kPastArrivalMs = 1'200'000;   // Of API runs in the history.
constexpr std::uint64_t kLoopMs = 10'000;      // The scheduler looks so often.
constexpr double kEarlyMs = 300'000;           // How long Mage's web process leaves one open.
constexpr std::int64_t kScenarioMs = 600'000;  // From one burst or outage to the next.
constexpr std::uint64_t kBurstRuns = 300;
constexpr std::int64_t kFirstOutageMs = 60'000;
constexpr std::int64_t kStillMs = 8'000;     // In real time, for which stand
constexpr std::int64_t kOutageMs = 120'000;  // so many of simulated time.
constexpr std::int64_t kDeadPart = 8;        // Of the history, at its end.

Statement on_pipeline(Statement::Kind kind, Pipeline& pipeline) {
  Statement statement;
  statement.kind = kind;
  statement.pipeline = &pipeline;
  return statement;
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options), random_(options.seed), now_ms_(-options.history_ms) {
  for (std::size_t i = 0; i < options.pipelines; ++i)
    pipelines_.push_back(
        pipeline_of(options.first_pipeline + i, options.scenario, options.live_at_ms));
  if (options.history_ms > 0 || options.scenario != Scenario::steady)
    for (Pipeline& pipeline : pipelines_) create_trigger(pipeline);
  for (std::size_t i = 0; i < options.pipelines; ++i) schedule_arrival(i);
  if (options.scenario == Scenario::burst) agenda_.emplace(0, Due{Due::What::burst});
  if (options.scenario == Scenario::outage) agenda_.emplace(kFirstOutageMs, Due{Due::What::outage});
}

void World::schedule(std::int64_t wait_ms, Due due) { agenda_.emplace(now_ms_ + wait_ms, due); }

double World::arrival_ms() const {
  if (story()) return in_history() ? kStoryPastCallMs : kStoryCallMs;
  return in_history() ? kPastArrivalMs : kArrivalMs;
}

void World::schedule_arrival(std::size_t index) {
  if ((in_history() || story()) && pipelines_[index].trigger.timed()) return schedule_slot(index);
  Due due;
  due.pipeline = index;
  std::int64_t wait_ms = random_.around_ms(arrival_ms());
  // The first one of the live part comes as soon as those after it.
  if (story() && in_history() && now_ms_ + wait_ms >= 0)
    wait_ms = random_.around_ms(kStoryCallMs) - now_ms_;
  schedule(wait_ms, due);
}

// The run of the trigger's next slot, or the first one that comes at random.
void World::schedule_slot(std::size_t index) {
  const Pipeline& pipeline = pipelines_[index];
  Due due;
  due.pipeline = index;
  due.slot_ms = slot_after(pipeline.trigger.interval, unix_ms());
  std::int64_t wait_ms =
      due.slot_ms - unix_ms() + static_cast<std::int64_t>(random_.below(kLoopMs));
  if (due.slot_ms == 0 || (due.slot_ms >= options_.live_at_ms && !story())) {
    due.slot_ms = 0;
    wait_ms = -now_ms_ + random_.around_ms(kArrivalMs);
  } else if (pipeline.late_ms > 0 && pipeline.made_late && options_.scenario == Scenario::late) {
    const auto next = slot_after(pipeline.trigger.interval, due.slot_ms);
    wait_ms += std::min(pipeline.late_ms, (next - due.slot_ms) / 2);
  }
  schedule(wait_ms, due);
}

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
  const bool plain = !out.early && !out.at_ms && !out.statements.empty() &&
                     out.statements.front().kind != Statement::Kind::begin_early;
  out.roll_back_first = random_.chance(options_.odds.roll_back) && plain;
  out.savepoint = random_.chance(options_.odds.savepoint) && plain;
  out.renamed = random_.chance(options_.odds.rename_table) && plain;
  return out;
}

bool World::makes_run(const Due& due) const {
  if (due.what != Due::What::step) return due.what == Due::What::early_arrival;
  const Script& script = runs_.at(due.run).script;
  return !script.empty() && script.front().act == Act::again;
}

void World::come(const Due& due) {
  unpaced_ = due.what == Due::What::burst || in_outage();
  // Nobody could reach the database; these come after it.
  if (in_outage() && makes_run(due)) return schedule(outage_until_ms_ - now_ms_, due);
  if (due.what == Due::What::step) return step(runs_.at(due.run));
  if (!in_history() && !may_create()) return;
  switch (due.what) {
    case Due::What::burst:
      return burst();
    case Due::What::outage:
      return outage();
    case Due::What::early_arrival:
      return arrive_early(due.pipeline);
    case Due::What::arrival:
    case Due::What::step:
      break;
  }
  arrive(due);
  schedule_arrival(due.pipeline);
}

Transaction& World::commit(Statement statement) {
  Transaction& transaction = queue_.emplace_back();
  transaction.statements.push_back(std::move(statement));
  transaction.unpaced = unpaced_;
  if (in_history()) transaction.at_ms = unix_ms();
  if (!in_history() && story()) transaction.due_ms = now_ms_;
  return transaction;
}

// Its scheduler is dead, or what it needs to make this pipeline's runs is gone.
bool World::makes_none(const Due& due) const {
  const Pipeline& pipeline = pipelines_[due.pipeline];
  if (story()) return !story_makes_run(pipeline, due.slot_ms, options_.live_at_ms);
  return options_.scenario == Scenario::scheduler_dead && pipeline.trigger.timed() &&
         now_ms_ >= -options_.history_ms / kDeadPart;
}

void World::arrive(const Due& due) {
  if (makes_none(due)) return;
  if (!in_history()) return arrive_live(due.pipeline);
  Run run = new_run(due.pipeline);
  run.execution_ms = due.slot_ms == 0 ? unix_ms() : due.slot_ms;
  if (due.slot_ms == 0 && random_.chance(options_.odds.early))
    run.ages.created_ms = random_.around_ms(kEarlyMs);
  ++history_count_;
  create_run(std::move(run));
}

void World::arrive_live(std::size_t index) {
  if (in_outage()) return;
  if (upheaval(index)) return;
  Pipeline& pipeline = pipelines_[index];
  const Odds& odds = options_.odds;
  if (random_.chance(odds.early) && !early_begun_ && !pipeline.trigger.timed()) {
    commit(on_pipeline(Statement::Kind::begin_early, pipeline));
    early_begun_ = true;
    Due due;
    due.what = Due::What::early_arrival;
    due.pipeline = index;
    return schedule(random_.around_ms(kEarlyMs), due);
  }
  if (random_.chance(odds.backfill)) return backfill(index);
  create_run(new_run(index));
}

void World::arrive_early(std::size_t index) {
  early_begun_ = false;
  create_run(new_run(index)).early = true;
}

// Somebody calls the API in a loop.
void World::burst() {
  std::vector<std::size_t> called;
  for (std::size_t i = 0; i < pipelines_.size(); ++i)
    if (!pipelines_[i].trigger.timed()) called.push_back(i);
  if (called.empty()) called.push_back(0);
  for (std::uint64_t i = 0; i < kBurstRuns && may_create(); ++i)
    create_run(new_run(called[i % called.size()]));
  schedule(kScenarioMs, Due{Due::What::burst});
}

void World::outage() {
  queue_.emplace_back().still_ms = kStillMs;
  outage_until_ms_ = now_ms_ + kOutageMs;
  schedule(kScenarioMs, Due{Due::What::outage});
}

}  // namespace walpulse::mage_sim
