#include "monitor/telling/happening_router.h"

#include <algorithm>
#include <iterator>

#include "decoder/base/clock.h"
#include "monitor/telling/calls.h"

namespace walpulse::monitor {
namespace {

/// Of one transaction, so that the intake never waits for long.
constexpr std::size_t kHappeningsMax = 100;

}  // namespace

/// What is known is read beside the intake, and logged outside of every transaction: whoever reads
/// the log may be slow. Only then is it kept, under the lease.
Result<bool> HappeningRouter::round(const rules::RuleBook::InForce& rules) {
  std::vector<Happening> happened;
  std::vector<SourceRow> sources;
  const auto looked = ledger_.look([&](Transaction& in, const Context& context) {
    clock_.look(newest_instants(context), ServerClock::Clock::now(), wall_clock());
    happened = in.happenings().oldest(kHappeningsMax);
    if (!happened.empty()) sources = context.sources;
  });
  if (!looked) return forward(looked);
  if (happened.empty()) logged_.clear();
  log(sources, happened);
  return route(rules);
}

/// Where no [[after]] is there what happened is only logged. Where one is, it waits until it can be
/// told how old what happened is.
Result<bool> HappeningRouter::route(const rules::RuleBook::InForce& rules) {
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

HappeningRouter::HappeningKey HappeningRouter::key_of(const Happening& happening) {
  return {happening.source, happening.run, happening.status, happening.nth};
}

/// Once in this process, however often its transaction is tried, and however long it waits.
void HappeningRouter::log(const std::vector<SourceRow>& sources,
                          std::span<const Happening> happenings) {
  for (const Happening& each : happenings) {
    const auto source = std::ranges::find(sources, each.source, &SourceRow::id);
    if (source != sources.end() && logged_.insert(key_of(each)).second)
      log_(each, source->name + '/' + source->table);
  }
}

}  // namespace walpulse::monitor
