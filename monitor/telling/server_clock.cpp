#include "monitor/telling/server_clock.h"

#include <algorithm>

#include "monitor/ledger/application/capture_as_of.h"
#include "monitor/ledger/timeline/observe.h"
#include "monitor/watch/sight.h"

namespace walpulse::monitor {
namespace {

/// Between two of them nothing moves where nothing happens: a pace is judged no sooner.
constexpr std::chrono::seconds kHeartbeat{10};

}  // namespace

void ServerClock::look(const std::map<std::string, Timestamp>& newest, Clock::time_point now,
                       Timestamp wall) {
  now_ = now;
  wall_ = wall;
  for (const auto& [source, instant] : newest) {
    Known& known =
        known_.try_emplace(source, Known{instant, now, now, now, instant, 0}).first->second;
    if (instant != known.newest) known.moved = now;
    known.newest = instant;
    if (now - known.judged < kHeartbeat) continue;
    if (instant != known.newest_then) {
      const bool keeps_pace = instant - known.newest_then <= 2 * (now - known.judged) + kPaceSlack;
      known.paced = keeps_pace ? known.paced + 1 : 0;
    }
    known.judged = now;
    known.newest_then = instant;
  }
}

bool ServerClock::lies_back(const Known& known) const {
  return wall_ - known.newest >= kBacklogMin;
}

bool ServerClock::is_undecided() const {
  if (!now_) return true;
  return std::ranges::any_of(known_, [&](const auto& each) {
    const Known& known = each.second;
    return lies_back(known) && known.paced < kPacedMin && *now_ - known.first < kFirstWait;
  });
}

Timestamp ServerClock::now_at(const std::string& source) const {
  const auto at = known_.find(source);
  if (at == known_.end()) return wall_;
  const Known& known = at->second;
  if (lies_back(known) && known.paced < kPacedMin) return wall_;
  if (!lies_back(known)) return std::max(wall_, known.newest);
  return known.newest + std::chrono::duration_cast<std::chrono::microseconds>(*now_ - known.moved);
}

std::map<std::string, Timestamp> newest_instants(const Context& context) {
  std::map<std::string, Timestamp> newest;
  const auto add = [&](const std::string& source, Timestamp instant) {
    if (!is_finite(instant)) return;
    const auto [at, is_new] = newest.try_emplace(source, instant);
    if (!is_new) at->second = std::max(at->second, instant);
  };
  for (const SourceRow& row : context.sources)
    if (const auto as_of = capture_as_of(context, row)) add(row.name, *as_of);
  for (const EpochRow& epoch : context.epochs)
    if (epoch.standing == Standing::accepted) add(epoch.name, epoch.newest);
  return newest;
}

}  // namespace walpulse::monitor
