#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {
namespace {

constexpr double kQueueMs = 5'000;     // The scheduler looks every 10 s.
constexpr double kRunMs = 90'000;      // Of which each step takes a part.
constexpr double kPromptMs = 200;      // What the scheduler does right after something else.
constexpr double kPersonMs = 120'000;  // Until somebody presses the retry button.
constexpr int kRetriesMax = 3;

void add(Script& script, std::int64_t wait_ms, Act act) { script.push_back({wait_ms, act}); }

// What may happen while a run is RUNNING.
void work(Script& script, Random& random, const Odds& odds) {
  if (random.chance(odds.executor)) add(script, random.around_ms(kPromptMs), Act::executor);
  if (random.chance(odds.integration)) {
    const auto updates = 2 + random.below(4);
    for (std::uint64_t i = 0; i < updates; ++i) {
      add(script, random.around_ms(kRunMs / 5), Act::metrics);
    }
  }
  if (random.chance(odds.sla_miss)) add(script, random.around_ms(kRunMs), Act::miss_sla);
  if (random.chance(odds.touch)) add(script, random.around_ms(kRunMs / 5), Act::touch);
}

void fail(Script& script, Random& random, const Odds& odds, std::int64_t wait_ms) {
  add(script, wait_ms, random.chance(odds.fail_with_completed_at) ? Act::fail_ended : Act::fail);
  if (random.chance(odds.fail_twice)) add(script, random.around_ms(kPromptMs), Act::fail);
}

// From RUNNING to the end, through as many retries of the same row as fate asks for.
void run(Script& script, Random& random, const Odds& odds) {
  for (int retries = 0;; ++retries) {
    work(script, random, odds);
    const auto wait_ms = random.around_ms(kRunMs);
    if (random.chance(odds.cancel)) {
      add(script, wait_ms, Act::cancel);
    } else if (random.chance(odds.fail)) {
      fail(script, random, odds, wait_ms);
      if (random.chance(odds.full_retry)) add(script, random.around_ms(kPersonMs), Act::again);
    } else {
      add(script, wait_ms, Act::complete);
    }
    const bool succeeded = script.back().act == Act::complete;
    if (retries == kRetriesMax || !random.chance(succeeded ? odds.retry_succeeded : odds.retry)) {
      break;
    }
    add(script, random.around_ms(kPersonMs), Act::resume);
  }
  if (random.chance(odds.touch)) add(script, random.around_ms(kPersonMs), Act::touch);
  if (random.chance(odds.remove)) add(script, random.around_ms(kPersonMs), Act::remove);
}

}  // namespace

Script write_script(Random& random, const Odds& odds) {
  Script script;
  if (random.chance(odds.skip)) {
    add(script, random.around_ms(kPromptMs), Act::cancel);
    return script;
  }
  if (random.chance(odds.init_failure)) {
    add(script, random.around_ms(kQueueMs), Act::fail);
    if (random.chance(odds.fail_twice)) add(script, random.around_ms(kPromptMs), Act::fail);
    if (!random.chance(odds.retry)) return script;
    add(script, random.around_ms(kPersonMs), Act::reset);
  }
  const bool stuck = random.chance(odds.stuck);
  if (stuck && random.chance(odds.stuck_initial)) return script;
  add(script, random.around_ms(kQueueMs), Act::start);
  if (stuck) {
    work(script, random, odds);
  } else {
    run(script, random, odds);
  }
  return script;
}

Script write_rerun(Random& random, const Odds& odds) {
  Script script;
  add(script, random.around_ms(kQueueMs), Act::start);
  run(script, random, odds);
  return script;
}

Ages planned_ages(const Script& script) {
  Ages ages;
  bool started = false;
  for (const Step& step : script) {
    ages.created_ms += step.wait_ms;
    if (started) ages.started_ms += step.wait_ms;
    started = started || step.act == Act::start;
    const bool ended = step.act == Act::complete || step.act == Act::fail ||
                       step.act == Act::fail_ended || step.act == Act::cancel;
    if (started && ended) break;
  }
  return ages;
}

}  // namespace walpulse::mage_sim
