#include <algorithm>
#include <utility>

#include "monitor/ledger/counting/gauges.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/exporting.h"
#include "monitor/ledger/ledger_core.h"

/// What is exported, by whoever leads.
namespace walpulse::monitor {
namespace {

SeriesKey key_of(const DuePoint& due) {
  return {due.descriptor, due.point.source, due.point.labels};
}

/// The service knows an interval of these series that began later than ours, and refuses all that
/// begin before it: they go on from `start`.
void begin_anew(Transaction& transaction, std::vector<SeriesKey> keys, Timestamp start) {
  if (keys.empty()) return;
  std::sort(keys.begin(), keys.end());
  std::vector<Series> series = transaction.series().load(keys);
  std::erase_if(series, [](const Series& each) { return each.id == 0; });
  for (Series& each : series) {
    each.start = start;
    ++each.version;
  }
  transaction.series().save(series);
}

/// True where the next point would follow the last one too closely. No timer is exact, so a second
/// is made up for by an end that lies ahead.
bool too_soon(Timestamp next_end, Timestamp now) {
  return next_end > now + std::chrono::seconds(1);
}

}  // namespace

Result<Export> LedgerCore::begin_export(Timestamp now) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lease = generation();
  if (lease == 0) return Export{};
  // Alone: others read the last end without locking it.
  return transactions_.run(Intent::exclusive, [&](Transaction& in) {
    Export begun;
    if (!in.lease().holds(lease)) return begun;
    begun.lease = lease;
    begun.write_until = [this, lease] { return lead_until(lease); };
    const Context context = in.context();
    begun.end = next_end(context, options_.export_gap_min, now);
    if (options_.export_gap_min.count() > 0 && too_soon(begun.end, now)) return begun;
    in.clocks().save_last_end(begun.end);
    begun.points =
        due_points(in, read_gauges(in, limits_, context, options_, begun.end), options_, begun.end);
    return begun;
  });
}

Result<void> LedgerCore::finish_export(const Export& done, std::span<const ExportResult> results) {
  if (done.points.empty()) return {};
  const std::lock_guard lock(mutex_);
  auto recorded = transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(done.lease)) return false;
    std::vector<ExportMark> marks;
    SeriesChanges failures;
    std::vector<SeriesKey> to_begin_anew;
    for (std::size_t i = 0; i < std::min(done.points.size(), results.size()); ++i) {
      const DuePoint& point = done.points[i];
      if (results[i].empty()) {
        marks.push_back({point.series, point.version, done.end});
      } else if (results[i] != "cancelled") {  // A stop left it to the next export.
        failures.count(metric_descriptors().failed_points_count, point.point.source,
                       {{"reason", results[i]}});
        if (results[i] == "older_start") to_begin_anew.push_back(key_of(point));
      }
    }
    in.series().mark_exported(marks);
    begin_anew(in, std::move(to_begin_anew), done.end + std::chrono::milliseconds(1));
    failures.apply(in, in.context().last_end);
    return true;
  });
  if (!recorded) return tl::unexpected(recorded.error());
  if (!*recorded) return fail(ErrorKind::cancelled, "another instance has taken the lead");
  return {};
}

}  // namespace walpulse::monitor
