#include "bench/mage_sim/commands.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <iomanip>
#include <iostream>
#include <thread>
#include <vector>

#include "bench/mage_sim/database.h"
#include "bench/mage_sim/sql.h"
#include "bench/mage_sim/worker.h"

namespace walpulse::mage_sim {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void stop_on_signals() {
  const auto handler = [](int) { signalled = true; };
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
}

// The n-th of `parts` nearly equal parts of `whole`: where it begins.
std::uint64_t part_begin(std::uint64_t whole, std::size_t parts, std::size_t n) {
  return whole * n / parts;
}

std::int64_t whole_ms(std::chrono::duration<double> duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

WorldOptions world_options(const RunOptions& options, std::size_t worker) {
  WorldOptions world;
  const auto share = [&](std::uint64_t whole) {
    return part_begin(whole, options.concurrency, worker + 1) -
           part_begin(whole, options.concurrency, worker);
  };
  world.first_pipeline = part_begin(options.pipelines, options.concurrency, worker);
  world.pipelines = share(options.pipelines);
  world.runs_max = options.runs_max == 0 ? 0 : std::max<std::uint64_t>(share(options.runs_max), 1);
  world.seed = options.seed * 1'000'003 + worker;
  world.backdate = options.backdate;
  world.odds = options.odds;
  world.scenario = options.scenario;
  world.history_ms = whole_ms(options.history);
  world.live_at_ms = whole_ms(std::chrono::system_clock::now().time_since_epoch());
  return world;
}

void print_summary(const Tally& sum, Clock::duration took, std::uint64_t seed) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::cout << "mage_sim: " << sum.runs << " runs, " << sum.changes << " changes in "
            << sum.transactions << " transactions, " << std::fixed << std::setprecision(1)
            << seconds << " s, seed " << seed << std::endl;
  if (sum.past_runs == 0) return;
  std::cout << "mage_sim: " << sum.past_runs << " of the runs are of the history"
            << (sum.past_commit_times_told
                    ? ""
                    : ", but were committed now: only a superuser may say when else")
            << std::endl;
}

}  // namespace

Result<void> init(const Where& where) {
  auto database = Database::open(where.dsn, where.schema);
  if (!database) return tl::unexpected(database.error());
  const auto found = database->query(
      "SELECT to_regclass('pipeline_run') IS NULL, to_regclass('walpulse_truth.audit') IS NULL, "
      "to_regclass('walpulse_truth.block_audit') IS NULL");
  if (!found) return tl::unexpected(found.error());
  std::string script;
  if (found->at(0).at(0) == "t") script += kSchemaSql;
  if (found->at(0).at(1) == "t") script += kAuditSql + kTruthSql;
  if (found->at(0).at(2) == "t") script += kNeighboursSql;
  if (script.empty()) return {};
  return database->run(script);
}

Result<void> run(const Where& where, const RunOptions& options) {
  stop_on_signals();
  const auto start = Clock::now();
  std::vector<Database> databases;
  for (std::size_t i = 0; i < options.concurrency; ++i) {
    auto database = Database::open(where.dsn, where.schema);
    if (!database) return tl::unexpected(database.error());
    databases.push_back(std::move(*database));
  }
  std::vector<Result<Tally>> tallies(options.concurrency);
  const Pace pace{options.changes_per_second / static_cast<double>(options.concurrency),
                  options.duration};
  std::atomic<bool> failed{false};
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < options.concurrency; ++i) {
      workers.emplace_back([&, i] {
        World world(world_options(options, i));
        tallies[i] = work_off(world, databases[i], pace, [&] { return failed || signalled; });
        if (!tallies[i]) failed = true;
      });
    }
  }
  Tally sum;
  for (const auto& tally : tallies) {
    if (!tally) return tl::unexpected(tally.error());
    sum.runs += tally->runs;
    sum.changes += tally->changes;
    sum.transactions += tally->transactions;
    sum.past_runs += tally->past_runs;
    sum.past_commit_times_told &= tally->past_commit_times_told;
  }
  print_summary(sum, Clock::now() - start, options.seed);
  return {};
}

Result<void> truth(const Where& where, const std::string& view, bool json) {
  auto database = Database::open(where.dsn, where.schema);
  if (!database) return tl::unexpected(database.error());
  // The views' rows are in order by their first columns.
  const std::string rows_of =
      " FROM (SELECT * FROM walpulse_truth." + view + " ORDER BY 1, 2) AS m";
  const auto rows =
      database->query((json ? "SELECT coalesce(json_agg(m), '[]')" : "SELECT *") + rows_of);
  if (!rows) return tl::unexpected(rows.error());
  for (const auto& row : *rows) {
    for (std::size_t i = 0; i < row.size(); ++i) std::cout << (i > 0 ? "\t" : "") << row[i];
    std::cout << '\n';
  }
  return {};
}

}  // namespace walpulse::mage_sim
