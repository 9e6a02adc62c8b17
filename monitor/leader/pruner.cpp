#include "monitor/leader/pruner.h"

#include <utility>

#include "decoder/base/logging.h"
#include "monitor/ledger/rejected_bound.h"

namespace walpulse::monitor {

Pruner::Pruner(LedgerMaintenance& ledger, std::function<Timestamp()> now, PruneOptions options)
    : ledger_(ledger),
      now_(std::move(now)),
      options_(options),
      rounds_([this](std::stop_token) { return prune(); }) {}

std::chrono::milliseconds Pruner::prune() {
  const auto pruned = ledger_.prune(now_());
  if (!pruned) {
    SPDLOG_WARN("pruning fails, will retry error=\"{}\"", to_string(pruned.error()));
    return options_.rest;
  }
  if (pruned->run_count > 0) SPDLOG_INFO("pruned runs={}", pruned->run_count);
  if (pruned->rewritten_run_count > 0)
    SPDLOG_INFO("wrote runs of an earlier version again runs={}", pruned->rewritten_run_count);
  log_dropped(pruned->dropped_count);
  return pruned->all_seen ? options_.rest : options_.step;
}

}  // namespace walpulse::monitor
