#include "monitor/watch/sight.h"

#include <algorithm>
#include <utility>

namespace walpulse::monitor {
namespace {

Finding blind_finding(const std::string& source, Timestamp as_of, bool heard) {
  return {{ProblemKind::blind, source, "", ""},
          as_of,
          {{"reason",
            heard ? "heartbeats come, but what they confirm stands still" : "no heartbeat comes"}},
          Severity::page,
          std::nullopt};
}

bool is_open(const std::vector<Problem>& open, const ProblemKey& key) {
  return std::ranges::any_of(open, [&](const Problem& each) { return each.finding.key == key; });
}

}  // namespace

/// Whether the watermark moved no faster than time went by since the last look.
bool Sight::keeps_pace(const Known& known, const Source& source, Clock::time_point now) {
  return known.as_of && source.as_of &&
         *source.as_of - *known.as_of <= 2 * (now - known.looked) + kPaceSlack;
}

Sight::Seen Sight::look(const Source& source, const std::vector<Problem>& open,
                        Clock::time_point now, Timestamp wall) {
  const auto [at, is_new] = known_.try_emplace(source.name);
  Known& known = at->second;
  if (is_new) {
    known.as_of = source.as_of;
    known.heartbeats = source.heartbeats;
    known.moved = known.looked = known.heard = now;
    known.blind = is_open(open, {ProblemKind::blind, source.name, "", ""});
  }
  const bool heard = source.heartbeats > known.heartbeats;  // fewer: one was forgotten
  if (heard) known.heard = now;
  known.heartbeats = source.heartbeats;
  const bool moved = source.as_of != known.as_of;
  if (moved) {
    known.paced = keeps_pace(known, source, now) ? known.paced + 1 : 0;
    known.moved = now;
  }
  known.as_of = source.as_of;
  known.looked = now;

  Seen seen;
  if (!source.heard) {  // a connector of an earlier build, or one that was forgotten
    seen.judges = source.as_of.has_value();
    if (known.blind && source.as_of) seen.blind = blind_finding(source.name, *source.as_of, false);
    return seen;
  }
  // A ledger that has just come hears heartbeats for a while before it believes them.
  const bool is_silent = now - known.heard >= kBlindAfter;
  if (moved || (heard && !source.as_of)) known.blind = false;
  known.blind = known.blind || is_silent || (source.as_of && now - known.moved >= kStillAfter);
  if (known.blind)
    seen.blind = blind_finding(source.name, source.as_of.value_or(*source.heard),
                               now - known.heard < kSilentAfter);
  if (!source.as_of) return seen;
  const bool behind = wall - *source.as_of >= kBacklogMin;
  if (behind) known.behind = now;
  const bool came_through = known.behind && now - *known.behind < kRestAfterBacklog;
  seen.judges =
      (!behind && !came_through) || known.paced >= kPacedMin || now - known.moved >= kFirstWait;
  return seen;
}

}  // namespace walpulse::monitor
