#include "monitor/telling/channel_book.h"

#include <algorithm>
#include <utility>

namespace walpulse::monitor {
namespace {

/// Slack takes one message a second and channel (https://docs.slack.dev/apis/web-api/rate-limits).
constexpr std::chrono::milliseconds kSlackPace{1'000};

}  // namespace

const std::vector<ChannelInForce>& ChannelBook::of(const rules::RuleBook::InForce& rules) {
  if (std::exchange(hash_, rules.hash) == rules.hash) return channels_;
  std::vector<ChannelInForce> channels;
  channels.reserve(rules.rules->channels.size());
  for (const rules::ChannelRule& rule : rules.rules->channels) {
    const auto same = std::ranges::find_if(
        rules_, [&](const rules::ChannelRule& before) { return before.is_same(rule); });
    if (same != rules_.end()) {
      channels.push_back(channels_[static_cast<std::size_t>(same - rules_.begin())]);
      continue;
    }
    const bool is_slack = rule.type == rules::ChannelType::slack;
    channels.push_back({rule.name, channels::make_channel(rule, tools_),
                        is_slack ? kSlackPace : std::chrono::milliseconds(0)});
  }
  rules_ = rules.rules->channels;
  channels_ = std::move(channels);
  return channels_;
}

}  // namespace walpulse::monitor
