#include "monitor/messages/group.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace walpulse::monitor::messages {
namespace {

using What = Standing::What;

const Finding& finding_of(const Telling* telling) { return telling->standing.problem().finding; }

/// What those of one group share. Of what is over, the message that told of it.
using Shared = std::tuple<What, ProblemKind, std::string, std::int64_t>;
Shared shared_by(const Telling& telling) {
  const ProblemKey& key = telling.standing.problem().finding.key;
  const What what = telling.standing.what;
  if (what == What::found) return {what, ProblemKind::failing, key.source, 0};
  return {what, key.kind, key.source,
          what == What::closed ? telling.facts.told_with.value_or(0) : 0};
}

/// Of those that were told together the message says how many are fine, however few they are now.
bool were_many(const Telling& telling, const MessageContext& context) {
  return telling.standing.what == What::closed && telling.facts.told_with && context.together &&
         context.together(*telling.facts.told_with).count > kOneByOneMax;
}

void split(const std::vector<const Telling*>& alike, const MessageContext& context,
           std::vector<Group>& into) {
  for (auto from = alike.begin(); from != alike.end();) {
    const Standing& first = (*from)->standing;
    const bool by_time = first.what != What::closed && first.what != What::found;
    const auto end = std::find_if(from, alike.end(), [&](const Telling* each) {
      return by_time && finding_of(each).since - finding_of(*from).since > kTogether;
    });
    const bool together = std::distance(from, end) > static_cast<std::ptrdiff_t>(kOneByOneMax) ||
                          first.what == What::found || were_many(**from, context);
    if (together) {
      into.push_back({{from, end}, true});
    } else {
      std::transform(from, end, std::back_inserter(into), [](const Telling* each) {
        return Group{{each}, false};
      });
    }
    from = end;
  }
}

/// How much it matters: the smaller, the sooner it is read.
auto rank_of(const Group& group) {
  const Telling& first = *group.members.front();
  const auto worst = std::ranges::min_element(
      group.members, {}, [](const Telling* each) { return finding_of(each).severity; });
  return std::tuple(first.standing.is_over(), finding_of(*worst).severity,
                    -static_cast<std::int64_t>(group.members.size()));
}

}  // namespace

std::vector<Group> groups_of(const std::vector<Telling>& tellings, const MessageContext& context) {
  std::map<Shared, std::vector<const Telling*>> alike;
  for (const Telling& telling : tellings) alike[shared_by(telling)].push_back(&telling);
  std::vector<Group> groups;
  for (auto& [shared, each] : alike) {
    std::ranges::stable_sort(each, {}, [](const Telling* one) { return finding_of(one).since; });
    split(each, context, groups);
  }
  std::ranges::stable_sort(groups, {}, rank_of);
  return groups;
}

}  // namespace walpulse::monitor::messages
