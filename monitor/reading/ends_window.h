#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "monitor/ledger/stores/runs.h"

namespace walpulse::monitor::reading {

/// "18 of 21": how the runs ended that ended within a window.
struct EndTally {
  std::size_t completed = 0;
  std::size_t ended = 0;
  std::optional<Timestamp> first;  ///< The oldest end that is counted.
  bool operator==(const EndTally&) const = default;
};

/// The ends of one pipeline within the last days, followed as runs end: what is known already is
/// not read again. A run that is retried leaves it until it ends again.
class EndsWindow {
 public:
  static constexpr std::chrono::days kLength{7};
  /// More are not kept, the oldest go: a run a minute for two weeks.
  static constexpr std::size_t kEndsMax = 20'000;

  /// Reads ends before one, the newest first.
  using ReadMore = std::function<std::vector<RunEnd>(const EndsBefore& before)>;

  /// `newest` are the newest ends of all, the newest first; `read_more` goes on behind them, as far
  /// back as the window goes, and gives none at its end. `active` are the runs that go on.
  void follow(std::span<const RunEnd> newest, const ReadMore& read_more,
              std::span<const RunKey> active);
  /// Reads all anew at the next follow().
  void forget() { ends_.reset(); }
  bool is_known() const { return ends_.has_value(); }

  /// Of the ends within kLength before `as_of`.
  EndTally tally(Timestamp as_of) const;
  /// When the tally changes though no run ends; kInfinity: never.
  Timestamp next_change(Timestamp as_of) const;

 private:
  struct Mark {
    Timestamp ended;
    std::int64_t run = 0;
    bool completed = false;
  };
  std::optional<std::deque<Mark>> ends_;  ///< The newest first.
};

}  // namespace walpulse::monitor::reading
