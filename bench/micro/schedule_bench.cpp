// What Mage's schedules cost the monitor: a look at every trigger once a second. Items are
// triggers.

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "monitor/schedule/cron.h"
#include "monitor/schedule/trigger_clock.h"

namespace walpulse::bench {
namespace {

using std::chrono::seconds;

constexpr Timestamp kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};
constexpr std::array kIntervals{"@hourly",     "@daily",        "*/15 * * * *", "0 6 * * mon-fri",
                                "@monthly",    "30 9 L * *",    "0 0 1 * mon",  "5 */2 * * *",
                                "0 0 * * 1#1", "*/5 8-18 * * *"};

std::vector<monitor::TriggerClock> clocks(std::size_t count, bool every_minute) {
  std::vector<monitor::TriggerClock> clocks;
  for (std::size_t n = 0; n < count; ++n) {
    const monitor::Trigger trigger{
        .schedule_type = "TIME",
        .schedule_interval = every_minute ? "* * * * *" : kIntervals[n % kIntervals.size()],
        .status = "ACTIVE",
        .known_since = kStart};
    clocks.push_back(monitor::TriggerClock::start(trigger, kStart).value());
  }
  return clocks;
}

/// One iteration is one second of the watermark, over whole hours.
void look_at(benchmark::State& state, bool every_minute) {
  const auto count = static_cast<std::size_t>(state.range(0));
  auto triggers = clocks(count, every_minute);
  Timestamp as_of = kStart;
  for (auto _ : state) {
    as_of += seconds(1);
    for (monitor::TriggerClock& trigger : triggers)
      benchmark::DoNotOptimize(trigger.take_due(as_of));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void ScheduleLook(benchmark::State& state) { look_at(state, false); }
BENCHMARK(ScheduleLook)->ArgName("triggers")->Arg(1000)->Iterations(7'200);

void ScheduleLookEveryMinute(benchmark::State& state) { look_at(state, true); }
BENCHMARK(ScheduleLookEveryMinute)->ArgName("triggers")->Arg(1000)->Iterations(7'200);

void CronNext(benchmark::State& state, const char* text) {
  const auto cron = monitor::CronExpression::parse(text).value();
  Timestamp at = kStart;
  for (auto _ : state) benchmark::DoNotOptimize(at = cron.next(at).value_or(kStart));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(CronNext, hourly, "0 * * * *");
BENCHMARK_CAPTURE(CronNext, either_day, "0 0 1 * mon");
BENCHMARK_CAPTURE(CronNext, never, "0 0 30 2 *");

void CronParse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(monitor::CronExpression::parse("*/5 8-18 * jan-nov mon-fri"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(CronParse);

}  // namespace
}  // namespace walpulse::bench
