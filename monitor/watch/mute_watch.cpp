#include "monitor/watch/mute_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "monitor/watch/muting.h"

namespace walpulse::monitor {
namespace {

std::string object_of(const Mute& mute) {
  if (mute.problem) return "problem " + std::to_string(*mute.problem);
  std::string object = (mute.source.empty() ? "" : mute.source + ":") + mute.pipeline;
  for (const auto& [name, value] : mute.labels) object += " " + name + "=" + value;
  return object;
}

void mark(const std::vector<Problem>& problems, const std::vector<Mute>& mutes, ProblemNews& news) {
  for (const Problem& problem : problems)
    if (const Mute* mute = muted_by(problem, mutes))
      news.muted.emplace(problem.id, mute->created_by);
}

}  // namespace

Result<void> look_at_mutes(Ledger& ledger, Timestamp wall, ProblemNews& news) {
  if (!ledger.leadership().ours) return {};
  std::vector<Mute> mutes;
  std::vector<Problem> open;
  const auto looked = ledger.look([&](Transaction& in, const Context&) {
    mutes = in.mutes().in_force(kMinusInfinity);
    open = in.problems().open();
  });
  if (!looked) return looked;
  std::vector<Mute> in_force;  // and those whose problem is just over: its end is not told either
  std::vector<Mute> over;
  for (Mute& mute : mutes) {
    const auto end = end_of(mute, wall, open);
    if (end) {
      mute.ended = end->ended;
      mute.ended_by = end->by;
      if (auto kept = ledger.keep_mute(mute); !kept) return forward(kept);
      over.push_back(mute);
    }
    if (!end || end->by == kRecovered) in_force.push_back(std::move(mute));
  }
  for (const Mute& mute : over) {
    EndedMute ended{mute.id,         object_of(mute),          mute.reason,
                    mute.created_by, mute.ended_by == kRanOut, {}};
    for (const Problem& problem : open)
      if (is_for(mute, problem) && muted_by(problem, in_force) == nullptr)
        ended.open.push_back(problem);
    news.unmuted.push_back(std::move(ended));
  }
  for (const auto* problems : {&news.opened, &news.closed, &news.found})
    mark(*problems, in_force, news);
  return {};
}

}  // namespace walpulse::monitor
