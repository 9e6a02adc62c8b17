#include "monitor/reading/told_view.h"

#include <algorithm>
#include <set>
#include <utility>

#include "monitor/rules/routes.h"
#include "monitor/watch/herald.h"

namespace walpulse::monitor::reading {
namespace {

/// So many of the newest notices of a problem are looked at: more only where it is repeated often.
constexpr std::size_t kNoticesLookedAt = 50;

class ToldReader {
 public:
  ToldReader(Transaction& in, const rules::Rules& rules, const std::vector<Notice>& notices)
      : in_(in), rules_(rules) {
    std::set<std::int64_t> ids;
    for (const Notice& notice : notices)
      if (notice.delivery && *notice.delivery != kNotTold) ids.insert(*notice.delivery);
    for (Delivery& delivery : in_.deliveries().find_all(std::vector(ids.begin(), ids.end()))) {
      const std::int64_t id = delivery.id;
      deliveries_.emplace(id, std::move(delivery));
    }
  }

  /// A place as its newest notice has it.
  ToldPlace place_of(const Notice& notice, const Finding& finding) {
    ToldPlace place{notice.channel, notice.target, type_of(notice.channel), "not_told", {}, {}};
    if (!notice.delivery) {
      place.state = "collected";
      place.due = message_due(pace_of(finding, notice.channel, notice.target, rules_),
                              rules_.time_zone, notice.noted, last_message(notice));
    } else if (const Delivery* delivery = delivery_of(notice)) {
      place.state = name_of(delivery->state);
      if (delivery->state == Delivery::State::waiting) place.due = delivery->due;
    }
    return place;
  }
  std::optional<Timestamp> sent(const Notice& notice) const {
    const Delivery* delivery = delivery_of(notice);
    if (delivery == nullptr || delivery->state != Delivery::State::sent) return std::nullopt;
    return delivery->ended;
  }

 private:
  const Delivery* delivery_of(const Notice& notice) const {
    const auto found = deliveries_.find(notice.delivery.value_or(kNotTold));
    return found == deliveries_.end() ? nullptr : &found->second;
  }
  std::string_view type_of(const std::string& channel) const {
    const auto rule = std::ranges::find(rules_.channels, channel, &rules::ChannelRule::name);
    if (rule == rules_.channels.end()) return {};
    return rules::kChannelTypes[static_cast<std::size_t>(rule->type)];
  }
  std::optional<Timestamp> last_message(const Notice& notice) {
    const auto [at, is_new] = last_messages_.try_emplace({notice.channel, notice.target});
    if (is_new) at->second = in_.deliveries().last_message(notice.channel, notice.target);
    return at->second;
  }

  Transaction& in_;
  const rules::Rules& rules_;
  std::map<std::int64_t, Delivery> deliveries_;
  std::map<std::pair<std::string, std::string>, std::optional<Timestamp>> last_messages_;
};

}  // namespace

std::map<std::int64_t, std::vector<ToldPlace>> read_told(Transaction& in, const rules::Rules& rules,
                                                         std::span<const Problem* const> problems) {
  std::map<std::int64_t, const Finding*> findings;
  std::vector<std::int64_t> ids;
  ids.reserve(problems.size());
  for (const Problem* problem : problems)
    if (findings.emplace(problem->id, &problem->finding).second) ids.push_back(problem->id);
  const auto notices = in.notices().newest_of(ids, kNoticesLookedAt);
  ToldReader reader(in, rules, notices);
  std::map<std::int64_t, std::vector<ToldPlace>> told;
  for (const Notice& notice : notices) {
    auto& places = told[notice.problem.id];
    auto place = std::ranges::find_if(places, [&](const ToldPlace& each) {
      return each.channel == notice.channel && each.target == notice.target;
    });
    if (place == places.end())
      place = places.insert(places.end(), reader.place_of(notice, *findings.at(notice.problem.id)));
    if (!place->sent) place->sent = reader.sent(notice);
  }
  // The notices came the newest first.
  for (auto& [id, places] : told) std::ranges::reverse(places);
  return told;
}

}  // namespace walpulse::monitor::reading
