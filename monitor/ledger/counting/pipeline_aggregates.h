#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "monitor/ledger/timeline/run_state.h"

namespace walpulse::monitor {

/// Per pipeline, what the gauges need of all its runs, kept up to date run by run. What cannot be
/// taken back (the greatest success, once its run says otherwise or moves to another name) makes
/// the board `stale`: then clear() it and add() every run again.
class PipelineAggregates {
 public:
  struct Totals {
    std::size_t runs = 0;
    Timestamp last_event = kMinusInfinity;
    std::optional<Success> success;
    std::multiset<schema::Position> failed;  ///< Those behind the last success.
  };
  using Key = std::pair<std::int64_t, std::string>;  ///< Source and pipeline.
  /// Finds without making a key.
  struct Less {
    using is_transparent = void;
    using View = std::pair<std::int64_t, std::string_view>;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return View(a) < View(b);
    }
  };

  void add(std::int64_t source, const RunState& now);
  void replace(std::int64_t source, const RunState& before, const RunState& now);
  /// A run that is no more.
  void remove(std::int64_t source, const RunState& before);
  void clear();

  bool stale() const { return stale_; }
  const std::map<Key, Totals, Less>& pipelines() const { return pipelines_; }

 private:
  static void put(Totals& totals, const RunState& now);
  void take(Totals& totals, const RunState& before, const RunState& now);

  std::map<Key, Totals, Less> pipelines_;
  bool stale_ = false;
};

}  // namespace walpulse::monitor
