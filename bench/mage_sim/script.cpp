#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {
namespace {

constexpr double kQueueMs = 5'000;        // The scheduler looks every 10 s.
constexpr double kRunMs = 90'000;         // Of which each step takes a part.
constexpr double kPromptMs = 200;         // What the scheduler does right after something else.
constexpr double kPersonMs = 120'000;     // Until somebody presses the retry button.
constexpr double kNextDayMs = 3'600'000;  // A day is an hour here.
constexpr double kNoticedMs = 8'000;      // Until the scheduler sees that a block has ended.
constexpr int kRetriesMax = 3;

void add(Script& script, std::int64_t wait_ms, Act act) { script.push_back({wait_ms, act}); }

// What may happen while a run is RUNNING.
void work(Script& script, Random& random, const Odds& odds) {
  if (random.chance(odds.change_key)) add(script, random.around_ms(kRunMs / 2), Act::change_key);
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

void fail(Script& script, Random& random, const Odds& odds, bool blocks, std::int64_t wait_ms) {
  if (blocks) {
    add(script, wait_ms, Act::block_fail);
    wait_ms = random.around_ms(kNoticedMs);
  }
  add(script, wait_ms, random.chance(odds.fail_with_completed_at) ? Act::fail_ended : Act::fail);
  if (random.chance(odds.fail_twice)) add(script, random.around_ms(kPromptMs), Act::fail);
}

void complete(Script& script, Random& random, bool blocks, std::int64_t wait_ms) {
  if (blocks) {
    add(script, wait_ms, Act::block_complete);
    wait_ms = random.around_ms(kNoticedMs);
  }
  add(script, wait_ms, Act::complete);
}

// A person sets a run going that had ended; it keeps its started_at, or its lack of one.
void resume(Script& script, Random& random, const Odds& odds, bool blocks) {
  auto wait_ms = random.around_ms(random.chance(odds.retry_next_day) ? kNextDayMs : kPersonMs);
  if (blocks) {
    add(script, wait_ms, Act::block_reset);
    wait_ms = random.around_ms(kPromptMs);
  }
  add(script, wait_ms, Act::resume);
}

// From RUNNING to the end, through as many retries of the same row as fate asks for.
void run(Script& script, Random& random, const Odds& odds, bool blocks) {
  for (int retries = 0;; ++retries) {
    if (blocks) add(script, random.around_ms(kPromptMs), Act::block_start);
    work(script, random, odds);
    const auto wait_ms = random.around_ms(kRunMs);
    if (random.chance(odds.cancel)) {
      add(script, wait_ms, Act::cancel);
    } else if (random.chance(odds.fail)) {
      fail(script, random, odds, blocks, wait_ms);
      if (random.chance(odds.full_retry)) add(script, random.around_ms(kPersonMs), Act::again);
    } else {
      complete(script, random, blocks, wait_ms);
    }
    const bool succeeded = script.back().act == Act::complete;
    if (retries == kRetriesMax || !random.chance(succeeded ? odds.retry_succeeded : odds.retry)) {
      break;
    }
    resume(script, random, odds, blocks);
  }
  if (random.chance(odds.change_key)) add(script, random.around_ms(kPersonMs), Act::change_key);
  if (random.chance(odds.touch)) add(script, random.around_ms(kPersonMs), Act::touch);
  if (random.chance(odds.remove)) add(script, random.around_ms(kPersonMs), Act::remove);
}

// Cancelled while INITIAL; what a retry makes of it never gets a started_at.
void cancel_initial(Script& script, Random& random, const Odds& odds, double wait_ms) {
  add(script, random.around_ms(wait_ms), Act::cancel);
  if (!random.chance(odds.retry_cancelled)) return;
  resume(script, random, odds, false);
  run(script, random, odds, false);
}

}  // namespace

bool ends(Act act) {
  return act == Act::complete || act == Act::fail || act == Act::fail_ended || act == Act::cancel;
}

bool revives(Act act) { return act == Act::resume || act == Act::reset; }

Script write_script(Random& random, const Odds& odds) {
  Script script;
  const bool skipped = random.chance(odds.skip);
  if (skipped || random.chance(odds.cancel_initial)) {
    cancel_initial(script, random, odds, skipped ? kPromptMs : kPersonMs);
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
  const bool blocks = random.chance(odds.blocks);
  if (blocks) add(script, random.around_ms(kPromptMs), Act::block_create);
  add(script, random.around_ms(kQueueMs), Act::start);
  if (stuck) {
    work(script, random, odds);
  } else {
    run(script, random, odds, blocks);
  }
  return script;
}

Script write_rerun(Random& random, const Odds& odds) {
  Script script;
  add(script, random.around_ms(kQueueMs), Act::start);
  run(script, random, odds, false);
  return script;
}

Ages planned_ages(const Script& script) {
  Ages ages;
  bool started = false;
  for (const Step& step : script) {
    ages.created_ms += step.wait_ms;
    if (started) ages.started_ms += step.wait_ms;
    started = started || step.act == Act::start;
    if (started && ends(step.act)) break;
  }
  return ages;
}

}  // namespace walpulse::mage_sim
