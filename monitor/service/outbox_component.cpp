#include "monitor/service/outbox_component.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>
#include <vector>

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "monitor/telling/calls.h"

namespace walpulse::monitor {
namespace {

/// A run's end is called for within a quarter of a second.
constexpr std::chrono::milliseconds kPause{100};
/// Of one transaction, so that the intake never waits for long.
constexpr std::size_t kHappeningsMax = 100;

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
                                 LogRun log)
    : ledger_(ledger),
      rules_(std::move(rules)),
      tools_(std::move(tools)),
      book_(tools_),
      composer_(std::move(addresses)),
      looks_(std::move(looks)),
      log_(std::move(log)) {}

Result<void> OutboxComponent::start() {
  RelayOptions options;
  options.now = wall_clock;
  options.draw = draw;
  relay_.emplace(
      ledger_, [this] { return book_.of(rules_()); }, std::move(options));
  deadman_.emplace(ledger_, rules_, tools_, [this] { return tells(); });
  rounds_.begin([this](const std::stop_token&) { return round(); });
  return {};
}

void OutboxComponent::stop(Clock::time_point) {
  rounds_.end();
  deadman_.reset();
  relay_.reset();
}

Health OutboxComponent::health() const {
  const std::lock_guard lock(mutex_);
  return {{}, {trouble_, relay_->health(), deadman_->health()}};
}

/// Whether all is at work by which people are told.
bool OutboxComponent::tells() const {
  return looks_() && made_.within(kWorksWithin, Clock::now()) && relay_->health().empty();
}

std::chrono::milliseconds OutboxComponent::round() {
  if (!ledger_.leadership().ours) {
    logged_.clear();  // whoever leads now handles it
    return kPause;
  }
  const rules::RuleBook::InForce rules = rules_();
  const auto made = make(rules);
  if (made && *made) relay_->wake();
  if (made) made_.note(Clock::now());
  std::string trouble = made ? "" : "what is to be told cannot be made: " + to_string(made.error());
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != trouble_) SPDLOG_WARN("{}", trouble);
  trouble_ = std::move(trouble);
  return kPause;
}

/// What is known is read beside the intake, and logged outside of every transaction: whoever reads
/// the log may be slow. Only then is it kept, under the lease.
Result<bool> OutboxComponent::make(const rules::RuleBook::InForce& rules) {
  std::vector<Happening> happened;
  std::vector<SourceRow> sources;
  std::vector<Composed> plan;
  const auto looked = ledger_.look([&](Transaction& in, const Context& context) {
    clock_.look(newest_instants(context), Clock::now(), wall_clock());
    happened = in.happenings().oldest(kHappeningsMax);
    if (!happened.empty()) sources = context.sources;
    plan = composer_.plan(in, context, rules, wall_clock());
  });
  if (!looked) return forward(looked);
  if (happened.empty()) logged_.clear();
  log(sources, happened);
  const auto routed = route(rules);
  if (!routed) return routed;
  const auto composed = compose(plan);
  return composed ? Result<bool>(*routed || *composed) : composed;
}

/// Where no [[after]] is there what happened is only logged. Where one is, it waits until it can be
/// told how old what happened is.
Result<bool> OutboxComponent::route(const rules::RuleBook::InForce& rules) {
  bool made = false;
  if (!rules.rules->afters.empty() && clock_.is_undecided()) return made;
  while (true) {
    std::vector<HappeningKey> done;
    const auto handled = ledger_.route(
        kHappeningsMax, [&](Transaction& in, const Context& context, const News& news) {
          done.clear();
          for (const auto* happenings : {&news.told, &news.untold}) {
            log(context.sources, *happenings);  // what came since they were looked at
            std::ranges::transform(*happenings, std::back_inserter(done), key_of);
          }
          auto calls = calls_of(in, context, news.told, *rules.rules, clock_, wall_clock());
          made = made || !calls.empty();
          return calls;
        });
    if (!handled) return forward(handled);
    for (const HappeningKey& each : done) logged_.erase(each);
    if (*handled < kHappeningsMax) return made;
  }
}

Result<bool> OutboxComponent::compose(const std::vector<Composed>& plan) {
  if (plan.empty()) return false;
  const auto made = ledger_.compose([&](Transaction& in, const Context&) {
    return still_waits(in, plan) ? plan : std::vector<Composed>{};
  });
  if (!made) return forward(made);
  return *made > 0;
}

OutboxComponent::HappeningKey OutboxComponent::key_of(const Happening& happening) {
  return {happening.source, happening.run, happening.status, happening.nth};
}

/// Once in this process, however often its transaction is tried, and however long it waits.
void OutboxComponent::log(const std::vector<SourceRow>& sources,
                          std::span<const Happening> happenings) {
  for (const Happening& each : happenings) {
    const auto source = std::ranges::find(sources, each.source, &SourceRow::id);
    if (source != sources.end() && logged_.insert(key_of(each)).second)
      log_(each, source->name + '/' + source->table);
  }
}

}  // namespace walpulse::monitor
