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
  return world;
}

void print_summary(const Tally& sum, Clock::duration took, std::uint64_t seed) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::cout << "mage_sim: " << sum.runs << " runs, " << sum.changes << " changes in "
            << sum.transactions << " transactions, " << std::fixed << std::setprecision(1)
            << seconds << " s, seed " << seed << std::endl;
}

}  // namespace

Result<void> init(const Where& where) {
  auto database = Database::open(where.dsn, where.schema);
  if (!database) return tl::unexpected(database.error());
  const auto found = database->query(
      "SELECT to_regclass('pipeline_run') IS NULL, to_regclass('walpulse_truth.audit') IS NULL");
  if (!found) return tl::unexpected(found.error());
  std::string script;
  if (found->at(0).at(0) == "t") script += kSchemaSql;
  if (found->at(0).at(1) == "t") script += kAuditSql + kTruthSql;
  if (script.empty()) return {};
  return database->run(script);
}

Result<void> run(const Where& where, const RunOptions& options) {
  stop_on_signals();
  const auto start = Clock::now();
  const auto stopped = [&] {
    return signalled || (options.duration && Clock::now() - start >= *options.duration);
  };
  std::vector<Database> databases;
  for (std::size_t i = 0; i < options.concurrency; ++i) {
    auto database = Database::open(where.dsn, where.schema);
    if (!database) return tl::unexpected(database.error());
    databases.push_back(std::move(*database));
  }
  std::vector<Result<Tally>> tallies(options.concurrency);
  const auto rate = options.changes_per_second / static_cast<double>(options.concurrency);
  std::atomic<bool> failed{false};
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < options.concurrency; ++i) {
      workers.emplace_back([&, i] {
        World world(world_options(options, i));
        tallies[i] = work_off(world, databases[i], rate, [&] { return failed || stopped(); });
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
  }
  print_summary(sum, Clock::now() - start, options.seed);
  return {};
}

Result<void> truth(const Where& where, bool json) {
  auto database = Database::open(where.dsn, where.schema);
  if (!database) return tl::unexpected(database.error());
  const std::string sql =
      json ? "SELECT coalesce(json_agg(m ORDER BY metric, labels), '[]') FROM "
             "walpulse_truth.metrics m"
           : "SELECT metric, labels, value FROM walpulse_truth.metrics ORDER BY metric, labels";
  const auto rows = database->query(sql);
  if (!rows) return tl::unexpected(rows.error());
  for (const auto& row : *rows) {
    for (std::size_t i = 0; i < row.size(); ++i) std::cout << (i > 0 ? "\t" : "") << row[i];
    std::cout << '\n';
  }
  return {};
}

}  // namespace walpulse::mage_sim
