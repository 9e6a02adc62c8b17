// What a look of the leader's costs, over a ledger in a file with 1,000 hourly triggers and 100,000
// runs. It looks every five seconds: 5 ms a look are 1 ms of processor time a second.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "monitor/ledger/ledger_core.h"
#include "monitor/storage/ledger_factory.h"
#include "monitor/watch/problem_watch.h"
#include "tests/monitor/table_events.h"

namespace {

using namespace walpulse;
using namespace walpulse::monitor;
namespace events = walpulse::monitor::testing;

constexpr std::int64_t kTriggers = 1'000;
constexpr int kHours = 100;  // of runs for each
constexpr double kHour = 3'600;

std::string pipeline_of(std::int64_t trigger) { return "pipeline_" + std::to_string(trigger); }

ReceivedMessage hourly(std::int64_t id) {
  events::TableChange change;
  change.table = "pipeline_schedule";
  change.when = 1;
  change.id = id;
  change.columns = {
      {"name", "every hour"},    {"pipeline_uuid", pipeline_of(id)},
      {"schedule_type", "TIME"}, {"schedule_interval", "@hourly"},
      {"status", "ACTIVE"},      {"settings", "{\"skip_if_previous_running\": true}"}};
  return events::message(change);
}

/// A run for the slot of an hour, whole.
void add_run(std::vector<ReceivedMessage>& group, std::int64_t trigger, int hour) {
  const double when = hour * kHour + static_cast<double>(trigger % 60);
  events::MageRun run(trigger * 1'000 + hour, when, pipeline_of(trigger));
  run.row().schedule = trigger;
  run.row().execution = events::at(hour * kHour);
  group.push_back(run.create(when));
  group.push_back(run.run(when + 1));
  group.push_back(run.complete(when + 2));
}

class Place {
 public:
  Place()
      : path_(std::filesystem::temp_directory_path() /
              ("walpulse-watch-" + std::to_string(::getpid()) + ".db")) {
    remove();
    LedgerOptions options;
    options.birth = events::kBirth;
    ledger = *open_sqlite_ledger(path_, options);
    if (!ledger->lead(std::chrono::hours(24))) std::abort();
    std::vector<ReceivedMessage> group;
    for (std::int64_t id = 1; id <= kTriggers; ++id) group.push_back(hourly(id));
    for (int hour = 1; hour <= kHours; ++hour) {
      for (std::int64_t id = 1; id <= kTriggers; ++id) add_run(group, id, hour);
      apply(group);
    }
    beat();
    watch = std::make_unique<ProblemWatch>(*ledger, [] { return rules::RuleBook().in_force(); });
    look();
  }
  ~Place() {
    watch.reset();
    ledger.reset();
    remove();
  }

  void apply(std::vector<ReceivedMessage>& group) {
    if (!ledger->apply(group, now())) std::abort();
    group.clear();
  }
  /// All is delivered up to now, ten seconds on.
  void beat() {
    seconds_ += 10;
    schema::Heartbeat heartbeat = events::heartbeat(++sequence_, seconds_);
    heartbeat.confirmed_at = now();
    std::vector<ReceivedMessage> group{events::message(heartbeat)};
    apply(group);
  }
  void look() {
    const auto news = watch->round(ProblemWatch::Clock::now(), now());
    if (!news || !news->opened.empty() || !news->found.empty()) std::abort();
  }
  /// Some pipelines' runs end.
  void change(std::int64_t pipelines) {
    std::vector<ReceivedMessage> group;
    ++hour_;
    for (std::int64_t id = 1; id <= pipelines; ++id) {
      events::MageRun run(id * 1'000 + kHours + hour_, seconds_, pipeline_of(id));
      group.push_back(run.create(seconds_));
      group.push_back(run.complete(seconds_ + 1));
    }
    if (!group.empty()) apply(group);
  }

  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<ProblemWatch> watch;

 private:
  Timestamp now() const { return events::at(seconds_); }
  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm", ".lock"})
      std::filesystem::remove(path_.string() + suffix);
  }
  const std::filesystem::path path_;
  double seconds_ = kHours * kHour + 600;
  std::uint64_t sequence_ = 0;
  int hour_ = 0;
};

/// So many pipelines changed since the look before.
void LeaderLook(benchmark::State& state) {
  static Place place;
  for (auto _ : state) {
    state.PauseTiming();
    place.change(state.range(0));
    place.beat();
    state.ResumeTiming();
    place.look();
  }
}
BENCHMARK(LeaderLook)
    ->ArgName("changed")
    ->Arg(0)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(100);

}  // namespace
