#include "monitor/reading/channel_view.h"

#include <algorithm>
#include <utility>

namespace walpulse::monitor::reading {
namespace {

/// Adds those that no rule names behind those that there are.
class Views {
 public:
  explicit Views(const rules::Rules& rules) {
    for (const rules::ChannelRule& rule : rules.channels) of(rule.name).rule = &rule;
    ruled_ = views_.size();
  }
  ChannelView& of(const std::string& name) {
    const auto known = std::ranges::find(views_, name, &ChannelView::name);
    if (known != views_.end()) return *known;
    views_.emplace_back().name = name;
    return views_.back();
  }
  std::vector<ChannelView> take() {
    std::ranges::sort(views_.begin() + std::ptrdiff_t(ruled_), views_.end(), {},
                      &ChannelView::name);
    if (views_.size() > kChannelsShown) views_.resize(kChannelsShown);
    return std::move(views_);
  }

 private:
  std::vector<ChannelView> views_;
  std::size_t ruled_ = 0;
};

}  // namespace

const Delivery* ChannelView::last_failed() const {
  if (failing) return &*failing;
  return last_given_up.empty() ? nullptr : &last_given_up.front();
}

std::vector<ChannelView> read_channels(Transaction& in, const rules::Rules& rules) {
  Views found(rules);
  for (const LastSent& sent : in.deliveries().sent_to(kChannelsShown))
    found.of(sent.channel).last_sent = sent.at;
  for (const DeliveryCount& count : in.deliveries().counts()) {
    ChannelView& view = found.of(count.channel);
    if (count.state == Delivery::State::waiting) {
      view.waiting = count.count;
      view.oldest_waiting = count.oldest;
    } else {
      view.given_up = count.count;
    }
  }
  for (const NoticeStore::Waiting& waiting : in.notices().channels())
    found.of(waiting.channel).collected = waiting.count;
  auto views = found.take();
  for (ChannelView& view : views) {
    if (view.waiting > 0) view.failing = in.deliveries().failing(view.name);
    if (view.given_up > 0) view.last_given_up = in.deliveries().given_up(view.name, kGivenUpShown);
  }
  return views;
}

}  // namespace walpulse::monitor::reading
