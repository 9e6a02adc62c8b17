#include "monitor/ledger/counting/series_changes.h"

#include <chrono>
#include <utility>

namespace walpulse::monitor {
namespace {

/// False where the two do not fit together: a new interval must begin.
bool add_to(telemetry::Number& value, const telemetry::Number& difference) {
  if (value.index() != difference.index()) return false;
  if (auto* whole = std::get_if<std::int64_t>(&value)) {
    *whole += std::get<std::int64_t>(difference);
  } else if (auto* real = std::get_if<double>(&value)) {
    *real += std::get<double>(difference);
  } else {
    auto& sum = std::get<telemetry::Distribution>(value);
    const auto& more = std::get<telemetry::Distribution>(difference);
    if (sum.bounds != more.bounds || sum.counts.size() != more.counts.size()) return false;
    for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += more.counts[i];
    sum.sum += more.sum;
  }
  return true;
}

}  // namespace

void SeriesChanges::count(const telemetry::Descriptor& metric, const std::string& source,
                          telemetry::Labels labels, std::int64_t by) {
  auto& value = changes_[{&metric, source, std::move(labels)}];
  value = std::get<std::int64_t>(value) + by;
}

void SeriesChanges::observe(const telemetry::Descriptor& metric, const std::string& source,
                            telemetry::Labels labels, double value,
                            const std::vector<double>& bounds) {
  auto& sum = changes_[{&metric, source, std::move(labels)}];
  if (!std::holds_alternative<telemetry::Distribution>(sum))
    sum = telemetry::Distribution{bounds, std::vector<std::uint64_t>(bounds.size() + 1), 0};
  std::get<telemetry::Distribution>(sum).add(value);
}

void SeriesChanges::add(SeriesKey key, const telemetry::Number& difference) {
  const auto [at, added] = changes_.try_emplace(std::move(key), difference);
  if (!added && !add_to(at->second, difference)) at->second = difference;
}

void SeriesChanges::apply(Transaction& transaction, Timestamp last_end) const {
  if (changes_.empty()) return;
  std::vector<SeriesKey> keys;
  keys.reserve(changes_.size());
  for (const auto& [key, change] : changes_) keys.push_back(key);
  std::vector<Series> series = transaction.series().load(keys);
  if (series.size() != keys.size()) return;  // the storage's error latched
  std::size_t i = 0;
  for (const auto& [key, change] : changes_) {
    Series& each = series[i++];
    if (each.id == 0) {
      each.value = change;
      each.start = last_end;
    } else if (!add_to(each.value, change)) {
      each.value = change;
      each.start = last_end + std::chrono::milliseconds(1);
    }
    ++each.version;
  }
  transaction.series().save(series);
}

}  // namespace walpulse::monitor
