#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// Whether walpulse sees a source: its watermark moves on. And whether it sees it as it is now: one
/// that works off a backlog sees the past, and says nothing until it is through, so that what was
/// late and came meanwhile is never told.
///
/// A watermark that stands still is told by this process' steady clock. The source's clock and this
/// machine's are compared for one thing only: whether a watermark that lies far back works off a
/// backlog. One that lies back and moves as time goes by does not: the clocks differ.
class Sight {
 public:
  using Clock = std::chrono::steady_clock;

  struct Source {
    std::string name;
    std::optional<Timestamp> as_of;
    std::uint64_t heartbeats = 0;    ///< Rises with each one that comes.
    std::optional<Timestamp> heard;  ///< When the newest of them was sent; nothing: none came.
  };
  struct Seen {
    bool judges = false;  ///< As of `as_of`, which is known.
    std::optional<Finding> blind;
  };

  /// One look of one round. `open` are the problems that are open: a source that was blind when
  /// this process came stays so until its watermark moves.
  Seen look(const Source& source, const std::vector<Problem>& open, Clock::time_point now,
            Timestamp wall);
  void clear() { known_.clear(); }

 private:
  struct Known {
    std::optional<Timestamp> as_of;
    Clock::time_point moved;  ///< When it moved last; when it was first looked at.
    std::uint64_t heartbeats = 0;
    Clock::time_point heard;  ///< When a heartbeat came last; when it was first looked at.
    bool blind = false;
    int paced = 0;                            ///< So often in a row it moved no faster than time.
    std::optional<Clock::time_point> behind;  ///< When it was seen far behind last.
    Clock::time_point looked;
  };
  static bool keeps_pace(const Known& known, const Source& source, Clock::time_point now);

  std::map<std::string, Known> known_;
};

/// Where no heartbeat comes for so long, nothing is seen: they come every ten seconds.
inline constexpr std::chrono::minutes kBlindAfter{3};
/// A watermark that stands still for so long, though heartbeats come, sees nothing. One that is
/// missing among them holds it for ten minutes (Watermark).
inline constexpr std::chrono::minutes kStillAfter{11};
/// Of heartbeats that come no more: what is said of one that is blind.
inline constexpr std::chrono::minutes kSilentAfter{1};
/// A watermark so far behind the wall clock works off a backlog, as long as it moves.
inline constexpr std::chrono::minutes kBacklogMin{2};
/// One that stands still so long is through with its backlog, or none comes.
inline constexpr std::chrono::seconds kFirstWait{30};
/// What was confirmed last may still be on its way here when a heartbeat says so: through a
/// backlog, it is given so long.
inline constexpr std::chrono::seconds kRestAfterBacklog{10};
/// Two heartbeats and a look lie between.
inline constexpr std::chrono::seconds kPaceSlack{20};
/// The first steps of a backlog may be short.
inline constexpr int kPacedMin = 2;

}  // namespace walpulse::monitor
