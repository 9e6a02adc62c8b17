#include "monitor/messages/standing.h"

#include <algorithm>
#include <map>
#include <optional>

namespace walpulse::monitor::messages {
namespace {

using Phase = Notice::Phase;
using What = Standing::What;

std::optional<What> what_of(const Notice& first, const Notice& last, std::size_t openings) {
  const bool was_new = first.phase == Phase::opened || first.phase == Phase::found;
  if (last.phase == Phase::closed) {
    if (!was_new) return What::closed;
    if (openings >= kFlapsMin) return What::flapped;
    return std::nullopt;
  }
  if (first.phase == Phase::found) return What::found;
  if (was_new) return What::opened;
  if (first.phase == Phase::closed) return What::again;
  return first.phase == Phase::unmuted || last.phase == Phase::unmuted ? What::unmuted
                                                                       : What::repeated;
}

}  // namespace

std::vector<Standing> standings_of(std::span<const Notice> notices) {
  std::map<ProblemKey, std::vector<const Notice*>> by_identity;
  for (const Notice& notice : notices)
    by_identity[identity(notice.problem.finding.key)].push_back(&notice);
  std::vector<Standing> standings;
  standings.reserve(by_identity.size());
  for (auto& [key, each] : by_identity) {
    std::ranges::sort(each, {}, [](const Notice* notice) { return notice->id; });
    const auto openings = static_cast<std::size_t>(std::ranges::count_if(each, [](const auto* one) {
      return one->phase == Phase::opened || one->phase == Phase::found;
    }));
    if (const auto what = what_of(*each.front(), *each.back(), openings))
      standings.push_back({*what, each.front(), each.back(), openings});
  }
  std::ranges::sort(standings, {}, [](const Standing& each) { return each.first->id; });
  return standings;
}

}  // namespace walpulse::monitor::messages
