#include "monitor/service/leader_components.h"

#include <utility>

#include "decoder/base/clock.h"
#include "monitor/watch/mute_watch.h"

namespace walpulse::monitor {

namespace {

/// Soon after a slot's tolerance, and seldom enough to cost nothing.
constexpr std::chrono::seconds kProblemPause{5};
/// Of the time that a look took: with something to look at again and again it is a fifth of a core.
constexpr int kRestOfALook = 4;

}  // namespace

Result<void> LeaseComponent::start() {
  elector_.emplace(ledger_);
  return {};
}
void LeaseComponent::stop(Clock::time_point) { elector_.reset(); }
Health LeaseComponent::health() const { return {{}, {elector_->health()}}; }

SettlerComponent::SettlerComponent(LedgerMaintenance& ledger, std::chrono::milliseconds settle)
    : ledger_(ledger), settle_(settle) {}
Result<void> SettlerComponent::start() {
  settler_.emplace(ledger_, settle_);
  return {};
}
void SettlerComponent::stop(Clock::time_point) { settler_.reset(); }
Health SettlerComponent::health() const { return {{}, {settler_->health()}}; }

ProblemComponent::ProblemComponent(Ledger& ledger, ProblemWatch::RulesInForce rules, Tell tell)
    : ledger_(ledger), watch_(ledger, std::move(rules)), tell_(std::move(tell)) {}
Result<void> ProblemComponent::start() {
  rounds_.begin([this](std::stop_token) { return look(); });
  return {};
}
void ProblemComponent::stop(Clock::time_point) { rounds_.end(); }
Health ProblemComponent::health() const {
  const std::lock_guard lock(mutex_);
  return {{}, {trouble_}};
}

std::chrono::milliseconds ProblemComponent::look() {
  const Clock::time_point begun = Clock::now();
  if (begun < next_) return std::chrono::ceil<std::chrono::milliseconds>(next_ - begun);
  const bool leads = ledger_.leadership().ours;
  auto news = watch_.round(Clock::now(), wall_clock());
  Result<void> done;
  if (news) {
    done = look_at_mutes(ledger_, wall_clock(), *news);
    tell_(*news);  // muted or not
    if (auto logged = watch_.logged(); done) done = std::move(logged);
  } else {
    done = forward(news);
  }
  const Clock::time_point ended = Clock::now();
  next_ = ended + kRestOfALook * (ended - begun);
  if (leads && done) looked_.note(ended);
  const std::lock_guard lock(mutex_);
  trouble_ = done ? "" : "problems cannot be looked for: " + to_string(done.error());
  return kProblemPause;
}

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
