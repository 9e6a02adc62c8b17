#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/ledger/ledger.h"
#include "monitor/rules/rule_book.h"
#include "monitor/telling/server_clock.h"

namespace walpulse::monitor {

/// Logs what happened to runs, and makes the calls of what must run next. One thread uses it.
class HappeningRouter {
 public:
  /// Logs what happened to a run of `source`, "mage/public.pipeline_run". Called before that is
  /// handled for good: whoever leads next says once more what a leader was killed over.
  using LogRun = std::function<void(const Happening& happening, const std::string& source)>;

  /// The ledger must outlive it.
  HappeningRouter(Ledger& ledger, LogRun log) : ledger_(ledger), log_(std::move(log)) {}

  /// Handles all that is there. Whether a call was made.
  Result<bool> round(const rules::RuleBook::InForce& rules);
  /// Another process leads, and handles what was logged here.
  void clear() { logged_.clear(); }

 private:
  /// By source, run, status and number.
  using HappeningKey = std::tuple<std::int64_t, std::int64_t, std::string, std::uint32_t>;
  static HappeningKey key_of(const Happening& happening);
  Result<bool> route(const rules::RuleBook::InForce& rules);
  void log(const std::vector<SourceRow>& sources, std::span<const Happening> happenings);

  Ledger& ledger_;
  const LogRun log_;
  ServerClock clock_;
  std::set<HappeningKey> logged_;  ///< And not handled yet.
};

}  // namespace walpulse::monitor
