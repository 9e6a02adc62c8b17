#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "decoder/schema/snapshot_end.h"
#include "monitor/storage/memory/memory_storage.h"
#include "tests/monitor/clocked_ledger.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {
namespace {

using Messages = std::vector<ReceivedMessage>;
/// Everything that is shown but what is counted of the messages themselves.
using Shown =
    std::map<std::pair<std::string, telemetry::Labels>, std::pair<telemetry::Number, bool>>;

constexpr double kNow = 50'000;

bool one_in(int many) { return *rc::gen::resize(1000, rc::gen::inRange(0, many)) == 0; }

/// A table as Mage writes it, with snapshots of it taken anywhere. What was lost (a gap) is in the
/// table but not in the log.
class RandomTable {
 public:
  RandomTable() {
    for (int steps = *rc::gen::inRange(5, 40); steps > 0; --steps) step();
    if (one_in(2)) take_snapshot();
  }
  Messages log;

 private:
  double tick() { return now_ += *rc::gen::inRange(1, 100); }

  void step() {
    if (one_in(8)) return take_snapshot();
    if (one_in(10)) lossy_ = !lossy_;
    const std::int64_t id = *rc::gen::inRange<std::int64_t>(1, 6);
    const auto found = rows_.find(id);
    if (found == rows_.end()) return create(id);
    MageRun& run = found->second;
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        put(run.remove(tick()));
        rows_.erase(found);
        return;
      case 1:
        return put(run.fail(tick()));
      case 2:
        return put(run.complete(tick()));
      case 3:
        return put(run.touch(tick()));
      default:
        return put(run.run(tick()));
    }
  }

  void create(std::int64_t id) {
    const double created = tick();
    const auto pipeline = *rc::gen::element<std::string>("daily", "hourly");
    put(rows_.emplace(id, MageRun(id, created, pipeline)).first->second.create(created));
  }

  void put(ReceivedMessage message) {
    if (!lossy_) log.push_back(std::move(message));
  }

  /// Of the whole table or a part of it; one that was killed has no end and not all rows.
  void take_snapshot() {
    const double when = tick();
    schema::SnapshotEnd end{"mage", "public", "pipeline_run", kEpoch, {}, {}, {}, 0, at(when)};
    Change place;
    place.when = when;
    end.position = Lsn{lsn_of(place)};
    if (one_in(3)) end.from_id = *rc::gen::inRange<std::int64_t>(1, 6);
    if (one_in(3)) end.to_id = end.from_id.value_or(1) + *rc::gen::inRange<std::int64_t>(0, 4);
    const bool killed = one_in(4);
    for (auto& [id, run] : rows_) {
      if (id < end.from_id.value_or(id) || id > end.to_id.value_or(id)) continue;
      ++end.row_count;
      if (!killed || one_in(2)) log.push_back(run.read(when));
    }
    const auto attributes = schema::snapshot_end_attributes(end);
    if (killed) return;
    log.push_back({schema::to_json(end), attributes, std::string(attributes.find("ce-id"))});
    read_message(log.back());
  }

  double now_ = 0;
  bool lossy_ = false;
  std::map<std::int64_t, MageRun> rows_;
};

Shown shown_by(Ledger& ledger) {
  Shown shown;
  const auto snapshot = ledger.snapshot(at(kNow));
  RC_ASSERT(snapshot.has_value());
  for (const telemetry::Metric& metric : snapshot->metrics) {
    if (metric.descriptor->name.starts_with("event/")) continue;
    const bool cumulative = metric.descriptor->kind == telemetry::Descriptor::Kind::cumulative;
    for (const telemetry::Point& point : metric.points)
      shown.emplace(std::pair(metric.descriptor->name, point.labels),
                    std::pair(point.value, cumulative));
  }
  return shown;
}

/// Of a distribution its count.
double size_of(const telemetry::Number& value) {
  if (const auto* distribution = std::get_if<telemetry::Distribution>(&value))
    return static_cast<double>(distribution->count());
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

/// Everything at least once, some of it more often, in any order.
Messages bad_delivery(const Messages& log) {
  Messages delivery = log;
  for (auto more = *rc::gen::inRange<std::size_t>(0, log.size() + 1); more > 0; --more)
    delivery.push_back(*rc::gen::elementOf(log));
  std::shuffle(delivery.begin(), delivery.end(),
               std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  return delivery;
}

RC_GTEST_PROP(LedgerSnapshotProperty,
              AnyDeliveryOfAHistoryWithSnapshotsAndGapsEndsAsTheOrderedOneAndNoSeriesGoesBack, ()) {
  const Messages log = RandomTable().log;
  RC_PRE(!log.empty());
  ClockedLedger ordered(make_memory_storage(kBirth)), ledger(make_memory_storage(kBirth));
  for (const ReceivedMessage& message : log)
    RC_ASSERT(ordered->apply(std::span(&message, 1), at(kNow)).has_value());
  const Messages delivery = bad_delivery(log);
  Shown before;
  for (std::size_t begin = 0; begin < delivery.size();) {
    const std::size_t size =
        std::min(*rc::gen::inRange<std::size_t>(1, 20), delivery.size() - begin);
    RC_ASSERT(ledger->apply(std::span(delivery).subspan(begin, size), at(kNow)).has_value());
    begin += size;
    const Shown now = shown_by(*ledger);
    for (const auto& [key, old] : before) {
      if (!old.second) continue;
      const auto found = now.find(key);
      RC_ASSERT(found != now.end());
      RC_ASSERT(size_of(found->second.first) >= size_of(old.first));
    }
    before = now;
  }
  for (ClockedLedger* each : {&ordered, &ledger}) {
    each->move_to(1000);
    each->settle();
  }
  RC_ASSERT(shown_by(*ledger) == shown_by(*ordered));
}

}  // namespace
}  // namespace walpulse::monitor::testing
