#include "monitor/service/leader_components.h"

#include <utility>

#include "decoder/base/clock.h"

namespace walpulse::monitor {

Result<void> LeaseComponent::start() {
  elector_.emplace(ledger_);
  return {};
}
void LeaseComponent::stop(Clock::time_point) { elector_.reset(); }
Health LeaseComponent::health() const { return {{}, {elector_->health()}}; }

SettlerComponent::SettlerComponent(LedgerMaintenance& ledger, std::chrono::milliseconds settle,
                                   Settler::Tell tell)
    : ledger_(ledger), settle_(settle), tell_(std::move(tell)) {}
Result<void> SettlerComponent::start() {
  settler_.emplace(ledger_, settle_, tell_);
  return {};
}
void SettlerComponent::stop(Clock::time_point) { settler_.reset(); }
Health SettlerComponent::health() const { return {{}, {settler_->health()}}; }

Result<void> PrunerComponent::start() {
  pruner_.emplace(ledger_, wall_clock);
  return {};
}
void PrunerComponent::stop(Clock::time_point) { pruner_.reset(); }

DeadLetterComponent::DeadLetterComponent(RejectedMessages& ledger, pubsub::Client& pubsub,
                                         std::string topic)
    : ledger_(ledger), pubsub_(pubsub), topic_(std::move(topic)) {}
Result<void> DeadLetterComponent::start() {
  DeadLetterOptions forward;
  forward.topic = topic_;
  relay_.emplace(ledger_, pubsub_, std::move(forward));
  return {};
}
void DeadLetterComponent::stop(Clock::time_point) { relay_.reset(); }
Health DeadLetterComponent::health() const { return {{}, {relay_->health()}}; }

}  // namespace walpulse::monitor
