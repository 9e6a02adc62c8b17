// What one message costs in the monitor: read, applied to the ledger. Items are messages.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "decoder/schema/event_json.h"
#include "decoder/schema/message_attributes.h"
#include "monitor/storage/ledger_factory.h"
#include "publisher/gcp/pubsub_client.h"

namespace walpulse::bench {
namespace {

const schema::Source kSource{.name = "mage", .database = "mage-db"};
const schema::Table kPipelineRun{.oid = {16'400},
                                 .schema = "public",
                                 .name = "pipeline_run",
                                 .columns = {{"id", {23}, true},
                                             {"created_at", {1184}, false},
                                             {"pipeline_schedule_id", {23}, false},
                                             {"pipeline_uuid", {1043}, false},
                                             {"status", {16'390}, false},
                                             {"started_at", {1184}, false}}};

/// The n-th change of a table whose runs are inserted, started and completed one after the other.
monitor::Incoming message(std::uint64_t n) {
  constexpr std::string_view kStatuses[] = {"INITIAL", "RUNNING", "COMPLETED"};
  const auto id = std::to_string(n / 3);
  const auto pipeline = "pipeline_" + std::to_string(n / 3 % 50);
  schema::ChangeEvent event;
  event.source = &kSource;
  event.table = &kPipelineRun;
  event.position = {1'795'224'228, Lsn{0x1'0000'0000 + 256 * n}, 0};
  event.lsn = event.position.commit_lsn;
  event.commit_time = Timestamp(std::chrono::microseconds(1'795'224'300'000'000 + std::int64_t(n)));
  event.operation = n % 3 == 0 ? schema::Operation::insert : schema::Operation::update;
  using enum schema::Cell::State;
  event.after = {
      {value, id},
      {value, "2026-11-21 01:25:00.1+00"},
      {value, "17"},
      {value, pipeline},
      {value, kStatuses[n % 3]},
      n % 3 == 0 ? schema::Cell{null, {}} : schema::Cell{value, "2026-11-21 01:25:01.5+00"}};
  monitor::Incoming incoming;
  schema::append_json(event, incoming.data);
  incoming.attributes = schema::message_attributes(event, false);
  incoming.message_id = std::to_string(n);
  return incoming;
}

void ParseEvent(benchmark::State& state) {
  const auto incoming = message(1);
  for (auto _ : state) benchmark::DoNotOptimize(schema::parse_event(incoming.data));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ParseEvent);

void ParsePushEnvelope(benchmark::State& state) {
  const auto incoming = message(1);
  const auto body = gcp::push_envelope(incoming.data, incoming.attributes, "", "1",
                                       "projects/project/subscriptions/monitor");
  for (auto _ : state) benchmark::DoNotOptimize(gcp::parse_push_envelope(body));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ParsePushEnvelope);

/// Groups of new events; the making of the messages is not timed.
void apply(benchmark::State& state, monitor::Ledger& ledger) {
  std::uint64_t n = 0;
  const auto group_size = static_cast<std::size_t>(state.range(0));
  std::vector<monitor::Incoming> group(group_size);
  for (auto _ : state) {
    state.PauseTiming();
    for (auto& one : group) one = message(n++);
    state.ResumeTiming();
    const auto applied = ledger.apply(group, Timestamp(std::chrono::seconds(1'795'224'400)));
    if (!applied) return state.SkipWithError(applied.error().message.c_str());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void MemoryLedger(benchmark::State& state) {
  const auto ledger = monitor::make_memory_ledger({});
  apply(state, *ledger);
}
BENCHMARK(MemoryLedger)->Arg(500);

void SqliteLedger(benchmark::State& state) {
  const auto path = std::filesystem::temp_directory_path() / "walpulse-bench-ledger.db";
  const auto remove = [&] {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
  };
  remove();
  {
    auto ledger = monitor::open_sqlite_ledger(path, {});
    if (!ledger) return state.SkipWithError(ledger.error().message.c_str());
    apply(state, **ledger);
  }
  remove();
}
BENCHMARK(SqliteLedger)->Arg(500)->Arg(50)->Arg(1)->UseRealTime();

/// In an empty schema of the database that WALPULSE_BENCH_LEDGER names (a libpq connection string),
/// which is left there.
void PostgresLedger(benchmark::State& state) {
  const char* dsn = std::getenv("WALPULSE_BENCH_LEDGER");
  if (dsn == nullptr) return state.SkipWithError("set WALPULSE_BENCH_LEDGER to a database");
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  auto ledger = monitor::open_postgres_ledger(dsn, "walpulse_bench_" + std::to_string(now), {});
  if (!ledger) return state.SkipWithError(ledger.error().message.c_str());
  apply(state, **ledger);
}
BENCHMARK(PostgresLedger)->Arg(500)->Arg(50)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace walpulse::bench
