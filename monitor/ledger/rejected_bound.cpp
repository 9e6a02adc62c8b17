#include "monitor/ledger/rejected_bound.h"

#include "decoder/base/logging.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kDroppedMax = 5'000;

}  // namespace

std::int64_t rejected_slack(const LedgerOptions& options) {
  return options.rejected_bytes_max / 16;
}

RejectedDrop next_drop(RejectedStore& rejected, const LedgerOptions& options, Timestamp now) {
  RejectedDrop drop;
  for (const RejectedSize& each :
       rejected.received_before(now - options.rejected_kept_for, kDroppedMax)) {
    drop.ids.push_back(each.id);
    if (!each.forwarded) ++drop.too_old;
  }
  if (!drop.ids.empty()) {
    drop.all = false;  // what is too large is seen without these
    return drop;
  }
  std::int64_t excess =
      rejected.totals().bytes - (options.rejected_bytes_max - rejected_slack(options));
  if (excess <= 0) return drop;
  for (const RejectedSize& each : rejected.first_to_go(kDroppedMax)) {
    if (excess <= 0) return drop;
    excess -= each.bytes;
    drop.ids.push_back(each.id);
    if (!each.forwarded) ++drop.too_large;
  }
  drop.all = excess <= 0;
  return drop;
}

void log_dropped(std::int64_t count) {
  if (count == 0) return;
  SPDLOG_WARN(
      "messages that had been set aside are gone, as they were older than 30 days or took more "
      "than "
      "64 MiB: see what sends them (`walpulse-monitor redrive --dry-run`), and forward them with "
      "--dead-letter if they matter messages={}",
      count);
}

}  // namespace walpulse::monitor
