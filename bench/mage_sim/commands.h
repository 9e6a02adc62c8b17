#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/mage_sim/odds.h"
#include "bench/mage_sim/scenario.h"
#include "decoder/base/result.h"

namespace walpulse::mage_sim {

struct Where {
  std::string dsn;
  std::string schema = "public";
};

struct RunOptions {
  std::size_t pipelines = 12;
  std::size_t concurrency = 1;     ///< Connections; each has its own pipelines.
  double changes_per_second = 50;  ///< Of pipeline_run; 0: as fast as they go.
  std::uint64_t runs_max = 0;      ///< Without those of the history. 0: no end.
  std::optional<std::chrono::duration<double>> duration;  ///< Of the live part.
  std::chrono::duration<double> history{0};               ///< What is written first.
  Scenario scenario = Scenario::steady;
  std::uint64_t seed = 1;
  bool backdate = false;
  Odds odds;
};

/// Mage's tables, the audit table with its triggers, and the truth computed from it. Does nothing
/// where all of them exist; adds the audit where only Mage's tables do.
Result<void> init(const Where& where);
/// Writes runs until the end that the options name, or SIGINT or SIGTERM; prints a summary line.
Result<void> run(const Where& where, const RunOptions& options);
/// Prints a view of walpulse_truth (`metrics`, `triggers`, `blocks`, `failures` or `block_ends`),
/// as a table or one JSON array.
Result<void> truth(const Where& where, const std::string& view, bool json);

}  // namespace walpulse::mage_sim
