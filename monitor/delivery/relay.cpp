#include "monitor/delivery/relay.h"

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"
#include "monitor/delivery/attempt.h"

namespace walpulse::monitor {
namespace {

/// What ended is shown so long.
constexpr std::chrono::days kEndedKept{30};
/// Of one transaction, so that the intake never waits for long.
constexpr std::size_t kForgottenMax = 1'000;

}  // namespace

Relay::Relay(Outbox& outbox, Channels channels, RelayOptions options)
    : outbox_(outbox), channels_(std::move(channels)), options_(std::move(options)) {
  rounds_.begin([this](std::stop_token) { return round(); });
}

/// The lanes end behind the rounds, which they wake.
Relay::~Relay() { rounds_.end(); }

std::string Relay::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::chrono::milliseconds Relay::round() {
  renew_lanes();
  Result<void> done = look_at_the_rare();
  if (done) done = forget();
  if (done) done = claim();
  std::string trouble = done ? "" : "deliveries cannot be sent: " + to_string(done.error());
  for (const auto& [name, lane] : lanes_)
    if (trouble.empty()) trouble = lane->trouble();
  for (const auto& lane : retired_)
    if (trouble.empty()) trouble = lane->trouble();
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != trouble_) SPDLOG_WARN("{}", trouble);
  trouble_ = std::move(trouble);
  return options_.rest;
}

/// A lane whose channel's rule changed gives back what it has not begun: another takes its place.
void Relay::renew_lanes() {
  std::vector<ChannelInForce> channels = channels_();
  std::erase_if(retired_, [](const auto& lane) { return lane->is_done(); });
  const auto is_in_force = [&](const std::string& name, const Lane& lane) {
    return std::ranges::any_of(channels, [&](const ChannelInForce& channel) {
      return channel.name == name && channel.channel.get() == lane.channel() &&
             channel.pace == lane.pace();
    });
  };
  for (auto at = lanes_.begin(); at != lanes_.end();) {
    if (is_in_force(at->first, *at->second)) {
      ++at;
      continue;
    }
    at->second->retire();
    retired_.push_back(std::move(at->second));
    at = lanes_.erase(at);
  }
  for (ChannelInForce& each : channels)
    if (!lanes_.contains(each.name))
      lanes_.emplace(each.name, std::make_unique<Lane>(outbox_, std::move(each.channel), each.pace,
                                                       options_, [this] { wake(); }));
}

Result<void> Relay::claim() {
  std::vector<ChannelRoom> rooms;
  rooms.reserve(lanes_.size() + strange_.size());
  for (const auto& [name, lane] : lanes_)
    if (const std::size_t room = lane->room(); room > 0) rooms.push_back({name, room});
  for (const std::string& name : strange_)
    if (!lanes_.contains(name)) rooms.push_back({name, options_.claimed_max});
  const Clock::time_point now = Clock::now();
  auto claimed = outbox_.claim(rooms, options_.now(), options_.hold);
  if (!claimed) return forward(claimed);
  std::map<std::string, std::vector<Delivery>> by_channel;
  for (Delivery& delivery : *claimed) by_channel[delivery.channel].push_back(std::move(delivery));
  for (auto& [name, deliveries] : by_channel) {
    const auto lane = lanes_.find(name);
    if (lane != lanes_.end()) {
      lane->second->send(std::move(deliveries), now);
    } else {
      refuse(deliveries);
    }
  }
  return {};
}

/// The rules do not have their channel: they may have it again by tomorrow.
void Relay::refuse(const std::vector<Delivery>& claimed) {
  for (const Delivery& delivery : claimed) {
    Answer answer;
    answer.text = "the rules have no channel " + delivery.channel;
    const Timestamp now = options_.now();
    // Where it cannot be written the claim runs out.
    (void)outbox_.finish(delivery, after_answer(delivery, answer, now, options_.draw()));
  }
}

Result<void> Relay::look_at_the_rare() {
  const Clock::time_point now = Clock::now();
  if (now < next_rare_) return {};
  const auto counts = outbox_.delivery_counts();
  if (!counts) return forward(counts);
  strange_.clear();
  for (const DeliveryCount& each : *counts)
    if (each.state == Delivery::State::waiting && !lanes_.contains(each.channel))
      strange_.push_back(each.channel);
  next_rare_ = now + options_.rare_rest;
  return {};
}

/// As often as there is more, what is due is claimed in between.
Result<void> Relay::forget() {
  const Clock::time_point now = Clock::now();
  if (now < next_forgotten_) return {};
  const auto all = outbox_.forget(options_.now() - kEndedKept, kForgottenMax);
  if (!all) return forward(all);
  next_forgotten_ = *all ? now + options_.rare_rest : now;
  return {};
}

}  // namespace walpulse::monitor
