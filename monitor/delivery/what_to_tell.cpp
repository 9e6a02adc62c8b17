#include "monitor/delivery/what_to_tell.h"

#include <algorithm>
#include <map>

namespace walpulse::monitor {
namespace {

using Phase = Notice::Phase;

/// What the notices of one key say together.
struct Story {
  Told told;
  bool was_told = false;  ///< Of its opening, by an earlier message.
  std::int64_t order = 0;
};

/// The first notice of a problem that a reader knows of already is not its opening.
bool begins(Phase phase) {
  return phase == Phase::opened || phase == Phase::found || phase == Phase::unmuted;
}

}  // namespace

std::vector<Told> what_to_tell(std::span<const Notice> notices) {
  std::map<ProblemKey, Story> stories;
  std::int64_t order = 0;
  for (const Notice& notice : notices) {
    const auto [at, is_new] = stories.try_emplace(identity(notice.problem.finding.key));
    Story& story = at->second;
    if (is_new) story.was_told = !begins(notice.phase);
    if (begins(notice.phase)) ++story.told.opened;
    // That it is still open says less than that it was opened.
    const bool says_less =
        notice.phase == Phase::repeated && !is_new && story.told.notice->phase != Phase::closed;
    if (says_less) continue;
    story.told.notice = &notice;
    story.order = order++;
  }
  std::vector<const Story*> all;
  all.reserve(stories.size());
  for (const auto& [key, story] : stories) all.push_back(&story);
  std::ranges::sort(all, {}, &Story::order);
  std::vector<Told> tell;
  tell.reserve(all.size());
  for (const Story* story : all) {
    const bool over = story->told.notice->phase == Phase::closed;
    if (over && !story->was_told && !story->told.flaps()) continue;
    tell.push_back(story->told);
  }
  return tell;
}

}  // namespace walpulse::monitor
