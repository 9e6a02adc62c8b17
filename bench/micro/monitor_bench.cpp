// What one message costs in the monitor: read, applied to the ledger. Items are messages.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/load/mage_events.h"
#include "decoder/base/json_text.h"
#include "decoder/mage/run_change.h"
#include "monitor/ledger/application/message.h"
#include "monitor/ledger/timeline/observe.h"
#include "monitor/storage/ledger_factory.h"
#include "monitor/storage/run_codec.h"
#include "publisher/pubsub/client.h"

namespace walpulse::bench {
namespace {

void count(benchmark::State& state, std::size_t items, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void ParseRunChange(benchmark::State& state) {
  EventShape shape;
  shape.more_columns = static_cast<std::size_t>(state.range(0));
  const auto event = mage_event(shape, 100);
  for (auto _ : state) benchmark::DoNotOptimize(mage::parse_run_change(event.data));
  count(state, 1, event.data.size());
}
BENCHMARK(ParseRunChange)->ArgName("more_columns")->Arg(0)->Arg(50);

void ParsePushEnvelope(benchmark::State& state) {
  const auto event = mage_event({}, 100);
  const auto body = pubsub::push_envelope(event.data, event.attributes, "", event.message_id,
                                          "projects/project/subscriptions/monitor");
  for (auto _ : state) benchmark::DoNotOptimize(pubsub::parse_push_envelope(body));
  count(state, 1, body.size());
}
BENCHMARK(ParsePushEnvelope);

void ParsePullResponse(benchmark::State& state) {
  constexpr std::size_t kMessages = 1000;
  std::string body = "{\"receivedMessages\":[";
  for (std::size_t n = 0; n < kMessages; ++n) {
    const auto event = mage_event({}, n);
    body += n == 0 ? "{\"ackId\":\"" : ",{\"ackId\":\"";
    body += std::string(160, 'a') + "\",\"message\":";
    pubsub::append_publish_message(body, event.data, event.attributes, "");
    body += '}';
  }
  body += "]}";
  for (auto _ : state) benchmark::DoNotOptimize(pubsub::parse_pull_response(body));
  count(state, kMessages, body.size());
}
BENCHMARK(ParsePullResponse);

/// A run's timeline of so many entries: read, observed, written.
monitor::Run run_of(std::int64_t entries) {
  EventShape shape;
  shape.changes = static_cast<std::size_t>(entries);
  shape.spread = 1;
  monitor::Run run;
  for (std::uint64_t n = 0; n < shape.changes; ++n)
    insert(run.timeline, monitor::make_entry(*mage::parse_run_change(mage_event(shape, n).data)));
  return run;
}

void Observe(benchmark::State& state) {
  const monitor::Run run = run_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(monitor::observe(run.timeline, monitor::kLongAgo));
  count(state, 1, 0);
}
BENCHMARK(Observe)->ArgName("entries")->Arg(3)->Arg(30)->Arg(300);

void RunCodec(benchmark::State& state) {
  const monitor::Run run = run_of(state.range(0));
  const std::string bytes = monitor::encode_run(run);
  for (auto _ : state) benchmark::DoNotOptimize(monitor::encode_run(*monitor::decode_run(bytes)));
  count(state, 1, bytes.size());
  state.counters["bytes_an_entry"] =
      static_cast<double>(bytes.size()) / static_cast<double>(state.range(0));
}
BENCHMARK(RunCodec)->ArgName("entries")->Arg(3)->Arg(30)->Arg(300);

struct LedgerCase {
  EventShape shape;
  std::size_t group = 1000;
};

/// Groups of new events; the making of the messages is not timed.
void apply(benchmark::State& state, monitor::Ledger& ledger, const LedgerCase& of) {
  std::uint64_t n = 0;
  std::vector<monitor::ReceivedMessage> group(of.group);
  for (auto _ : state) {
    state.PauseTiming();
    for (auto& one : group) {
      auto event = mage_event(of.shape, n++);
      one = {std::move(event.data), std::move(event.attributes), std::move(event.message_id)};
    }
    state.ResumeTiming();
    for (auto& one : group) monitor::read_message(one);
    const auto applied =
        ledger.apply(group, Timestamp(std::chrono::seconds(kFirstCommitSecond + 100)));
    if (!applied) return state.SkipWithError(applied.error().message.c_str());
  }
  count(state, of.group, 0);
}

LedgerCase case_of(benchmark::State& state) {
  LedgerCase of;
  of.group = static_cast<std::size_t>(state.range(0));
  return of;
}

void memory_ledger(benchmark::State& state, const LedgerCase& of) {
  const auto ledger = monitor::make_memory_ledger({});
  apply(state, *ledger, of);
}

void MemoryLedger(benchmark::State& state) { memory_ledger(state, case_of(state)); }
BENCHMARK(MemoryLedger)->ArgName("group")->Arg(1000)->Arg(100)->Arg(1);

void MemoryLedgerPipelines(benchmark::State& state) {
  LedgerCase of;
  of.shape.pipelines = static_cast<std::size_t>(state.range(0));
  memory_ledger(state, of);
}
BENCHMARK(MemoryLedgerPipelines)->ArgName("pipelines")->Arg(1)->Arg(1000);

void MemoryLedgerLabels(benchmark::State& state) {
  LedgerCase of;
  of.shape.labels = static_cast<std::size_t>(state.range(0));
  of.shape.label_values = 100;
  memory_ledger(state, of);
}
BENCHMARK(MemoryLedgerLabels)->ArgName("labels")->Arg(1)->Arg(7);

void MemoryLedgerEntries(benchmark::State& state) {
  LedgerCase of;
  of.shape.changes = static_cast<std::size_t>(state.range(0));
  memory_ledger(state, of);
}
BENCHMARK(MemoryLedgerEntries)->ArgName("entries")->Arg(10)->Arg(100);

void SqliteLedger(benchmark::State& state) {
  const auto path = std::filesystem::temp_directory_path() / "walpulse-bench-ledger.db";
  const auto remove = [&] {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
  };
  remove();
  {
    auto ledger = monitor::open_sqlite_ledger(path, {});
    if (!ledger) return state.SkipWithError(ledger.error().message.c_str());
    apply(state, **ledger, case_of(state));
  }
  remove();
}
BENCHMARK(SqliteLedger)->ArgName("group")->Arg(1000)->Arg(100)->Arg(1)->UseRealTime();

/// In an empty schema of the database that WALPULSE_BENCH_LEDGER names (a libpq connection string),
/// which is left there.
void PostgresLedger(benchmark::State& state) {
  const char* dsn = std::getenv("WALPULSE_BENCH_LEDGER");
  if (dsn == nullptr) return state.SkipWithError("set WALPULSE_BENCH_LEDGER to a database");
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  auto ledger = monitor::open_postgres_ledger(dsn, "walpulse_bench_" + std::to_string(now), {});
  if (!ledger) return state.SkipWithError(ledger.error().message.c_str());
  apply(state, **ledger, case_of(state));
}
BENCHMARK(PostgresLedger)->ArgName("group")->Arg(1000)->Arg(100)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace walpulse::bench
