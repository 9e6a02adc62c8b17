#include <utility>

#include "monitor/ledger/counting/gauges.h"
#include "monitor/ledger/exporting.h"
#include "monitor/ledger/ledger_core.h"

/// What shows the ledger, and what is pinned in it.
namespace walpulse::monitor {

Result<telemetry::MetricFamilies> LedgerCore::snapshot(Timestamp now) {
  return read([&](Transaction& in, LabelLimits& limits) {
    const Context context = in.context();
    return make_snapshot(in.series().all(), read_gauges(in, limits, context, options_, now), now);
  });
}

Result<void> LedgerCore::look(const Look& work) {
  const auto begun = Clock::now();
  auto done = read([&](Transaction& in, LabelLimits&) {
    Context context = in.context();
    context.read = begun;
    work(in, context);
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> LedgerCore::look_lately(const Look& work, std::chrono::milliseconds age_max) {
  if (!readers_ || age_max.count() <= 0) return look(work);
  return readers_->look(work, age_max);
}

void LedgerCore::end_pictures() {
  if (readers_) readers_->end_pictures();
}

Result<std::vector<KnownEpoch>> LedgerCore::epochs() {
  return read([&](Transaction& in, LabelLimits&) {
    std::vector<KnownEpoch> found;
    for (EpochRow& row : in.context().epochs)
      found.push_back({std::move(row.name), std::move(row.table), row.epoch,
                       to_string(row.standing), row.identity.system,
                       std::move(row.identity.database), std::move(row.identity.publication),
                       std::move(row.identity.follows), row.newest});
    return found;
  });
}

Result<std::string> LedgerCore::pinned(const std::string& name) {
  return read([&](Transaction& in, LabelLimits&) { return in.pins().value(name); });
}

Result<std::string> LedgerCore::pin(const std::string& name, const std::string& value,
                                    bool replace) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::exclusive, [&](Transaction& in) {
    const std::string known = in.pins().value(name);
    if (!known.empty() && !replace) return known;
    in.pins().pin(name, value);
    return value;
  });
}

}  // namespace walpulse::monitor
