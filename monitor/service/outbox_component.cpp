#include "monitor/service/outbox_component.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"

namespace walpulse::monitor {
namespace {

double draw() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

/// Whether what was composed is of notices that still wait.
bool still_waits(Transaction& in, const std::vector<Composed>& plan) {
  return std::ranges::all_of(plan, [&](const Composed& composed) {
    return in.notices().waiting_of(composed.notices) == composed.notices.size();
  });
}

}  // namespace

OutboxComponent::OutboxComponent(Ledger& ledger, RulesInForce rules, channels::ChannelTools tools,
                                 Composer::Addresses addresses, std::function<bool()> looks,
                                 LogRun log, std::chrono::milliseconds pause)
    : ledger_(ledger),
      rules_(std::move(rules)),
      tools_(std::move(tools)),
      book_(tools_),
      router_(ledger, std::move(log)),
      composer_(std::move(addresses)),
      looks_(std::move(looks)),
      pause_(pause) {}

Result<void> OutboxComponent::start() {
  RelayOptions options;
  options.now = wall_clock;
  options.draw = draw;
  relay_.emplace(
      ledger_, [this] { return book_.of(rules_()); }, std::move(options));
  deadman_.emplace(ledger_, rules_, tools_, [this] { return tells(); });
  begin(calls_, &OutboxComponent::route, "what happened cannot be handled: ");
  begin(messages_, &OutboxComponent::compose, "what is to be told cannot be made: ");
  return {};
}

void OutboxComponent::begin(Work& work, Step step, const char* what) {
  work.rounds.begin([=, this, &work](std::stop_token) { return round(work, step, what); });
}

void OutboxComponent::stop(Clock::time_point) {
  calls_.rounds.end();
  messages_.rounds.end();
  deadman_.reset();
  relay_.reset();
}

Health OutboxComponent::health() const {
  const std::lock_guard lock(mutex_);
  return {{}, {calls_.trouble, messages_.trouble, relay_->health(), deadman_->health()}};
}

/// Whether all is at work by which people are told.
bool OutboxComponent::tells() const {
  const auto now = Clock::now();
  return looks_() && calls_.done.within(kWorksWithin, now) &&
         messages_.done.within(kWorksWithin, now) && relay_->health().empty();
}

void OutboxComponent::call_soon() {
  const auto now = Clock::now();
  if (hastened_.within(pause_, now)) return;
  hastened_.note(now);
  calls_.rounds.wake();
}

std::chrono::milliseconds OutboxComponent::round(Work& work, Step step, const char* what) {
  const auto made = (this->*step)(rules_());
  if (made && *made) relay_->wake();
  if (made) work.done.note(Clock::now());
  std::string trouble = made ? "" : what + to_string(made.error());
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != work.trouble) SPDLOG_WARN("{}", trouble);
  work.trouble = std::move(trouble);
  return pause_;
}

Result<bool> OutboxComponent::route(const rules::RuleBook::InForce& rules) {
  if (ledger_.leadership().ours) return router_.round(rules);
  router_.clear();
  return false;
}

/// Planned beside the intake: what a plan reads may take a while.
Result<bool> OutboxComponent::compose(const rules::RuleBook::InForce& rules) {
  if (!ledger_.leadership().ours) return false;
  std::vector<Composed> plan;
  const auto looked = ledger_.look([&](Transaction& in, const Context& context) {
    plan = composer_.plan(in, context, rules, wall_clock());
  });
  if (!looked) return forward(looked);
  if (plan.empty()) return false;
  const auto made = ledger_.compose([&](Transaction& in, const Context&) {
    return still_waits(in, plan) ? plan : std::vector<Composed>{};
  });
  if (!made) return forward(made);
  return *made > 0;
}

}  // namespace walpulse::monitor
