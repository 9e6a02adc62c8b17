#include "monitor/service/intake_components.h"

#include <chrono>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"

namespace walpulse::monitor {
namespace {

/// How long pulls may fail before a load balancer should know.
constexpr std::chrono::milliseconds kPullPatience{30'000};

}  // namespace

IntakeComponent::IntakeComponent(LedgerWriter& ledger, Tell tell, std::function<void()> happened)
    : ledger_(ledger), tell_(std::move(tell)), happened_(std::move(happened)) {}
Result<void> IntakeComponent::start() {
  IntakeOptions options;
  options.happened = happened_;
  intake_.emplace(ledger_, std::move(options), wall_clock, tell_);
  return {};
}
void IntakeComponent::stop(Clock::time_point) { intake_.reset(); }
Health IntakeComponent::health() const { return {{intake_->health()}, {intake_->warning()}}; }

PullComponent::PullComponent(IntakeComponent& intake, pubsub::Client& pubsub,
                             ProcessMetrics& process, std::string subscription,
                             std::string endpoint)
    : intake_(intake),
      pubsub_(pubsub),
      process_(process),
      subscription_(std::move(subscription)),
      endpoint_(std::move(endpoint)) {}
Result<void> PullComponent::start() {
  PullOptions options;
  options.subscription = subscription_;
  pull_.emplace(intake_.intake(), pubsub_, process_, std::move(options));
  SPDLOG_INFO("pulling subscription={} endpoint={}", subscription_, endpoint_);
  return {};
}
void PullComponent::request_stop() { pull_->request_stop(); }
void PullComponent::stop(Clock::time_point) { pull_.reset(); }
Health PullComponent::health() const { return {{pull_->trouble(kPullPatience)}, {}}; }

}  // namespace walpulse::monitor
