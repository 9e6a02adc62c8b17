#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/runs.h"
#include "monitor/ledger/timeline/run_state.h"

namespace walpulse::monitor {

/// Per pipeline, what the gauges and the problems need of all its runs, kept up to date run by run.
/// What cannot be taken back (the greatest success, once its run says otherwise or moves to another
/// name) makes the board `stale`: then begin_anew() and restore() every run.
class PipelineAggregates {
 public:
  struct Failed {
    End end;
    std::int64_t run = 0;
    bool active = false;
    auto operator<=>(const Failed&) const = default;
  };
  using Group = std::pair<std::string, std::optional<std::int64_t>>;  ///< Labels and schedule.
  using Key = std::pair<std::int64_t, std::string>;                   ///< Source and pipeline.
  // These find without making a key.
  using KeyView = std::pair<std::int64_t, std::string_view>;
  struct Less {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const { return a < b; }
  };
  using GroupView = std::pair<std::string_view, std::optional<std::int64_t>>;
  struct GroupHash {
    using is_transparent = void;
    std::size_t operator()(const GroupView& group) const noexcept {
      return std::hash<std::string_view>()(group.first) * 31 +
             std::hash<std::optional<std::int64_t>>()(group.second);
    }
  };
  struct SameGroup {
    using is_transparent = void;
    bool operator()(const GroupView& a, const GroupView& b) const { return a == b; }
  };
  struct Totals {
    std::size_t runs = 0;
    std::int64_t changes = 0;
    Timestamp first_event = kInfinity, last_event = kMinusInfinity;
    std::optional<End> success;
    std::unordered_map<Group, End, GroupHash, SameGroup> successes;  ///< The newest of each.
    std::vector<Failed> failed;                                      ///< Sorted.
    std::set<std::int64_t> active;
  };

  void add(const RunKey& key, const RunState& now);
  void replace(const RunKey& key, const RunState& before, const RunState& now);
  /// A run that is no more.
  void remove(const RunKey& key, const RunState& before);

  bool stale() const { return stale_; }
  /// So is what `successes` says.
  bool groups_stale() const { return groups_stale_; }
  void begin_anew();
  /// As add(), and no change of the pipeline.
  void restore(const RunKey& key, const RunState& now);

  using Pipelines = std::map<Key, Totals, Less>;
  const Pipelines& pipelines() const { return pipelines_; }
  /// Null where the pipeline has no run.
  const Totals* find(std::int64_t source, std::string_view pipeline) const;
  /// Those whose end lies behind `after`; without it all.
  static std::span<const Failed> failed_behind(const Totals& totals,
                                               const std::optional<schema::Position>& after);
  /// FAILED runs behind the last success that are not active.
  static std::int64_t failures(const Totals& totals);

 private:
  static void put(Totals& totals, const RunKey& key, const RunState& now);
  void take(Totals& totals, const RunKey& key, const RunState& before, const RunState& now);

  Pipelines pipelines_;
  bool stale_ = false;
  bool groups_stale_ = false;
};

}  // namespace walpulse::monitor
