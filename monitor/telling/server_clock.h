#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// What the clocks of the sources' servers show, by which the ages of what happened there are
/// measured. Where the newest instant that is known of a source lies near this machine's clock, the
/// two agree, and this machine's is taken. Where it lies far back and moves as time goes by, the
/// clocks differ: the source's is taken. Where it lies far back and does neither, it is of a
/// backlog, and this machine's clock is all there is. Pure; one thread uses it.
class ServerClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// The newest instants, by source; `wall` is this machine's clock.
  void look(const std::map<std::string, Timestamp>& newest, Clock::time_point now, Timestamp wall);
  /// Whether one of the sources is still to show whether it works off a backlog; also before the
  /// first look.
  bool is_undecided() const;
  /// As of the last look.
  Timestamp now_at(const std::string& source) const;

 private:
  struct Known {
    Timestamp newest;
    Clock::time_point moved;   ///< When it moved last; when it was looked at first.
    Clock::time_point first;   ///< When it was looked at first.
    Clock::time_point judged;  ///< When its pace was judged last, ...
    Timestamp newest_then;     ///< ... and where it lay.
    int paced = 0;             ///< So often in a row it moved no faster than time.
  };
  bool lies_back(const Known& known) const;

  std::map<std::string, Known> known_;
  std::optional<Clock::time_point> now_;
  Timestamp wall_;
};

/// By source, the newest instant of its server that is known.
std::map<std::string, Timestamp> newest_instants(const Context& context);

}  // namespace walpulse::monitor
