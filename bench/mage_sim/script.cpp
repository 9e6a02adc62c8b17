#include "bench/mage_sim/script.h"

#include <algorithm>
#include <utility>

namespace walpulse::mage_sim {
namespace {

constexpr double kQueueMs = 5'000;        // The scheduler looks every 10 s.
constexpr double kRunMs = 90'000;         // Of which each step takes a part.
constexpr double kPromptMs = 200;         // What the scheduler does right after something else.
constexpr double kPersonMs = 120'000;     // Until somebody presses the retry button.
constexpr double kNextDayMs = 3'600'000;  // A day is an hour here.
constexpr double kNoticedMs = 8'000;      // Until the scheduler sees that a block has ended.

// One run's script, in the order in which Mage's log has the steps of a run and of its blocks.
class Writer {
 public:
  Writer(Random& random, const Odds& odds, Blocks blocks)
      : random_(random), odds_(odds), blocks_(blocks) {}

  void live(std::size_t blocks, bool by_web);
  void start(std::size_t blocks);
  void run();
  Script take() { return std::move(script_); }

 private:
  bool chance(double probability) { return random_.chance(probability); }
  void add(std::int64_t wait_ms, Act act, std::size_t block = 0) {
    script_.push_back({wait_ms, act, block});
  }
  void soon(Act act, std::size_t block = 0) { add(random_.around_ms(kPromptMs), act, block); }
  void noticed(Act act) { add(random_.around_ms(kNoticedMs), act); }
  // How long one block runs, or a run that has none.
  std::int64_t part_ms() {
    return random_.around_ms(kRunMs / static_cast<double>(std::max<std::size_t>(blocks_.count, 1)));
  }
  bool has_blocks() const { return blocks_.count > 0; }

  void cancel_initial(double wait_ms);
  void fail_initially();
  void work();
  void begin_block(std::size_t block);
  void reach_block(std::size_t block);
  void complete();
  void cancel();
  void fail();
  void fail_block(std::size_t block);
  void resume();

  Random& random_;
  const Odds& odds_;
  Blocks blocks_;
  Script script_;
};

void Writer::live(std::size_t blocks, bool by_web) {
  if (!chance(odds_.blocks)) blocks = 0;
  if (chance(odds_.skip)) return cancel_initial(kPromptMs);
  const bool cancelled = chance(odds_.cancel_initial);
  const bool failed = !cancelled && chance(odds_.init_failure);
  if (by_web && !failed)
    for (; blocks_.count < blocks; ++blocks_.count) add(0, Act::block_create, blocks_.count);
  if (cancelled) return cancel_initial(kPersonMs);
  if (failed) {
    fail_initially();
    if (!chance(odds_.retry)) return;
    add(random_.around_ms(kPersonMs), Act::reset);
  }
  const bool stuck = chance(odds_.stuck);
  if (stuck && chance(odds_.stuck_initial)) return;
  start(blocks);
  if (!stuck) return run();
  if (has_blocks()) begin_block(0);
  work();
}

void Writer::fail_initially() {
  add(random_.around_ms(kQueueMs), Act::fail);
  if (chance(odds_.fail_twice)) soon(Act::fail);
}

// By the scheduler, which makes the blocks that are still missing.
void Writer::start(std::size_t blocks) {
  double wait_ms = kQueueMs;
  for (; blocks_.count < blocks; ++blocks_.count, wait_ms = kPromptMs)
    add(random_.around_ms(wait_ms), Act::block_create, blocks_.count);
  add(random_.around_ms(wait_ms), Act::start);
}

// Cancelled while INITIAL; what a retry makes of it never gets a started_at.
void Writer::cancel_initial(double wait_ms) {
  add(random_.around_ms(wait_ms), Act::cancel);
  if (has_blocks()) soon(Act::blocks_cancel);
  if (!chance(odds_.retry_cancelled)) return;
  resume();
  run();
}

// From RUNNING to the end, through as many retries of the same row as fate asks for.
void Writer::run() {
  for (int retries = 0;; ++retries) {
    const bool cancelled = chance(odds_.cancel);
    const bool failed = !cancelled && chance(odds_.fail);
    if (has_blocks()) begin_block(blocks_.done);
    work();
    cancelled ? cancel() : failed ? fail() : complete();
    if (failed && chance(odds_.full_retry)) add(random_.around_ms(kPersonMs), Act::again);
    const bool succeeded = !cancelled && !failed;
    if (retries == odds_.retries_max || !chance(succeeded ? odds_.retry_succeeded : odds_.retry))
      break;
    resume();
  }
  if (chance(odds_.change_key)) add(random_.around_ms(kPersonMs), Act::change_key);
  if (chance(odds_.touch)) add(random_.around_ms(kPersonMs), Act::touch);
  if (chance(odds_.remove)) add(random_.around_ms(kPersonMs), Act::remove);
}

// What may happen while a run is RUNNING.
void Writer::work() {
  if (chance(odds_.change_key)) add(random_.around_ms(kRunMs / 2), Act::change_key);
  if (chance(odds_.executor)) soon(Act::executor);
  if (chance(odds_.integration)) {
    const auto updates = 2 + random_.below(4);
    for (std::uint64_t i = 0; i < updates; ++i) add(random_.around_ms(kRunMs / 5), Act::metrics);
  }
  if (chance(odds_.sla_miss)) add(random_.around_ms(kRunMs), Act::miss_sla);
  if (chance(odds_.touch)) add(random_.around_ms(kRunMs / 5), Act::touch);
}

void Writer::begin_block(std::size_t block) {
  soon(Act::block_queue, block);
  soon(Act::block_start, block);
}

// Completes the blocks before it; the first of them was begun.
void Writer::reach_block(std::size_t block) {
  for (; blocks_.done < block; begin_block(++blocks_.done))
    add(part_ms(), Act::block_complete, blocks_.done);
}

void Writer::complete() {
  if (!has_blocks()) return add(part_ms(), Act::complete);
  const std::size_t last = blocks_.count - 1;
  reach_block(last);
  if (chance(odds_.condition)) {
    soon(Act::block_fail_condition, last);
  } else {
    add(part_ms(), Act::block_complete, last);
  }
  blocks_.done = blocks_.count;
  noticed(Act::complete);
}

void Writer::cancel() {
  if (has_blocks()) reach_block(blocks_.done + random_.below(blocks_.count - blocks_.done));
  add(part_ms(), Act::cancel);
  if (has_blocks()) soon(Act::blocks_cancel);
}

void Writer::fail() {
  if (has_blocks()) return fail_block(blocks_.done + random_.below(blocks_.count - blocks_.done));
  add(part_ms(), chance(odds_.fail_with_completed_at) ? Act::fail_ended : Act::fail);
  if (chance(odds_.fail_twice)) soon(Act::fail);
}

void Writer::fail_block(std::size_t block) {
  reach_block(block);
  const bool others = block + 1 < blocks_.count;
  if (chance(odds_.fail_with_completed_at)) {
    add(part_ms(), Act::block_fail, block);
    for (std::size_t after = block + 1; after < blocks_.count; ++after)
      soon(Act::block_fail_upstream, after);
    return noticed(Act::fail_ended);
  }
  const bool whole_run = chance(odds_.run_timeout);
  if (whole_run) {
    add(part_ms(), Act::fail);
  } else {
    const bool timed_out = chance(odds_.block_timeout);
    add(part_ms(), timed_out ? Act::block_time_out : Act::block_fail, block);
    noticed(Act::fail);
  }
  if (chance(odds_.fail_twice)) soon(Act::fail);
  if (others || whole_run) soon(Act::blocks_cancel);
}

// A person sets a run going that had ended; it keeps its started_at, or its lack of one. Of a run
// that has completed, some block and those after it run again.
void Writer::resume() {
  auto wait_ms = random_.around_ms(chance(odds_.retry_next_day) ? kNextDayMs : kPersonMs);
  if (has_blocks()) {
    if (blocks_.done == blocks_.count) blocks_.done = random_.below(blocks_.count);
    add(wait_ms, Act::blocks_reset, blocks_.done);
    wait_ms = random_.around_ms(kPromptMs);
  }
  add(wait_ms, Act::resume);
}

}  // namespace

bool ends(Act act) {
  return act == Act::complete || act == Act::fail || act == Act::fail_ended || act == Act::cancel;
}

bool revives(Act act) { return act == Act::resume || act == Act::reset; }

bool of_blocks(Act act) { return act >= Act::block_create; }

Script write_script(Random& random, const Odds& odds, std::size_t blocks, bool by_web) {
  Writer writer(random, odds, {});
  writer.live(blocks, by_web);
  return writer.take();
}

Script write_rerun(Random& random, const Odds& odds, Blocks had, std::size_t blocks) {
  Writer writer(random, odds, had);
  writer.start(had.count == 0 && random.chance(odds.blocks) ? blocks : had.count);
  writer.run();
  return writer.take();
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
