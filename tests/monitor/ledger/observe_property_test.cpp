#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "monitor/ledger/counting.h"
#include "monitor/ledger/observe.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;
using Totals = std::map<std::string, std::uint32_t>;

constexpr std::int64_t kStep = 10;  // positions are tenths, so that a snapshot row fits between

bool chance(double probability) {
  return *rc::gen::inRange(0, 1000) < static_cast<int>(probability * 1000);
}

Entry entry_at(std::int64_t tenths, Operation operation) {
  Entry entry;
  entry.position.commit_lsn.value = static_cast<std::uint64_t>(tenths);
  entry.operation = operation;
  entry.commit_time = Timestamp(std::chrono::microseconds(tenths));
  return entry;
}

/// One run id as Mage writes it: retries, updates that change nothing, FAILED twice, FAILED before
/// it had started, a delete, an id used again.
class MageLog {
 public:
  MageLog() {
    const int lives = chance(0.25) ? 2 : 1;
    for (int life = 0; life < lives; ++life) live(life == 0);
  }
  Timeline log;

 private:
  void put(Operation operation, const std::string& status) {
    position_ += *rc::gen::inRange<std::int64_t>(1, 6) * kStep;
    Entry entry = entry_at(position_, operation);
    entry.status = status;
    entry.created_at = created_;
    if (started_) entry.started_at = Timestamp(std::chrono::microseconds(1));
    entry.passed_sla = sla_;
    entry.pipeline = "daily";
    log.push_back(entry);
  }

  void attempt(bool& done) {
    if (chance(0.3)) put(Operation::update, "INITIAL");
    if (!started_ && chance(0.2)) {  // what has started once stays so
      put(Operation::update, "FAILED");
      return;
    }
    started_ = true;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) put(Operation::update, "RUNNING");
    if (chance(0.3)) {
      sla_ = true;
      put(Operation::update, "RUNNING");
    }
    const std::string end =
        *rc::gen::element<std::string>("COMPLETED", "FAILED", "FAILED", "CANCELLED");
    put(Operation::update, end);
    if (chance(0.3)) put(Operation::update, end);
    done = end == "COMPLETED";
  }

  void live(bool first) {
    position_ += kStep;
    created_ = Timestamp(std::chrono::microseconds(position_));
    started_ = sla_ = false;
    put(Operation::insert, "INITIAL");
    if (chance(0.1)) {
      put(Operation::update, "CANCELLED");
    } else {
      bool done = false;
      for (int left = *rc::gen::element(1, 1, 2, 3); left > 0 && !done; --left) attempt(done);
    }
    if (first && chance(0.5)) {
      position_ += kStep;
      log.push_back(entry_at(position_, Operation::remove));
    } else if (chance(0.3)) {
      put(Operation::update, *log.back().status);
    }
  }

  std::int64_t position_ = 0;
  std::optional<Timestamp> created_;
  bool started_ = false, sla_ = false;
};

/// The rule once more, written straight from its text and sharing nothing with observe().
Totals reference(Timeline timeline, Timestamp horizon) {
  std::sort(timeline.begin(), timeline.end(),
            [](const Entry& a, const Entry& b) { return a.position < b.position; });
  Totals totals;
  const auto ended = [](const std::string& s) {
    return s == "COMPLETED" || s == "FAILED" || s == "CANCELLED";
  };
  enum { none, counting, starting, ignored } mode = none;
  std::string status;
  bool missed = false, streamed = false, queued = false;
  std::optional<Timestamp> created;
  for (const Entry& e : timeline) {
    if (e.operation == Operation::remove) {
      mode = none;
      continue;
    }
    if (mode == none || e.operation == Operation::insert || e.created_at != created) {
      created = e.created_at;
      status.clear();
      missed = streamed = queued = false;
      if (e.operation == Operation::insert) {
        mode = counting;
      } else if (!created || *created < horizon) {
        mode = starting;
        status = *e.status;
        missed = e.passed_sla;
        queued = e.started_at.has_value();
        continue;
      } else {
        mode = ignored;
      }
    }
    if (mode == ignored) continue;
    if (e.operation == Operation::read) {
      if (mode == starting && !streamed) {
        status = *e.status;
        missed = e.passed_sla;
        queued = queued || e.started_at;
      }
      continue;
    }
    streamed = true;
    if (e.operation == Operation::insert) ++totals["created"];
    if (*e.status != status) {
      if (*e.status == "RUNNING") ++totals["started"];
      if (ended(*e.status)) ++totals["finished " + *e.status];
      if (ended(*e.status) && e.started_at) ++totals["timed " + *e.status];
      if (*e.status == "CANCELLED" && !e.started_at) ++totals["skipped"];
      if (ended(status) && !ended(*e.status)) ++totals["retried"];
    }
    if (e.passed_sla && !missed) ++totals["sla_missed"];
    if (*e.status == "RUNNING" && e.started_at && !queued) {
      ++totals["queued"];
      queued = true;
    }
    status = *e.status;
    missed = missed || e.passed_sla;
  }
  return totals;
}

std::string name_of(StepKind kind, const std::string& status) {
  static constexpr const char* kNames[]{"created", "started",    "finished ", "retried",
                                        "skipped", "sla_missed", "queued",    "timed "};
  return kNames[static_cast<int>(kind)] + status;
}

/// A ledger of one run: a set of entries, and what is held of it.
class OneRunLedger {
 public:
  explicit OneRunLedger(Timestamp birth) : horizon_{birth} {}

  void apply(const Entry& entry) {
    if (find(timeline_, entry.position) == nullptr) insert(timeline_, entry);
    const auto fresh = [&](const Entry& e) { return e.position == entry.position; };
    for (const NewStep& counted : count_new(observe(timeline_, horizon_), fresh, held_))
      ++added_[name_of(counted.step.kind, counts_by_status(counted.step.kind)
                                              ? *counted.step.at->status
                                              : std::string())];
  }
  const Totals& totals() const { return added_; }

 private:
  Timeline timeline_;
  Held held_;
  Horizon horizon_;
  Totals added_;
};

struct Trial {
  Timeline log, delivery;
  Timestamp horizon{std::chrono::microseconds(-1)};
};

Trial trial() {
  Trial made;
  made.log = MageLog().log;
  if (chance(1.0 / 3)) {  // the ledger was born while the run was under way
    made.horizon = made.log.back().commit_time + std::chrono::microseconds(kStep);
    const auto skipped = *rc::gen::inRange<std::size_t>(0, made.log.size());
    made.log.erase(made.log.begin(), made.log.begin() + static_cast<std::ptrdiff_t>(skipped));
  }
  if (chance(0.3)) {  // one snapshot row, somewhere
    Entry seen = *rc::gen::elementOf(made.log);
    if (seen.operation != Operation::remove) {
      seen.operation = Operation::read;
      seen.position.commit_lsn.value += kStep / 2;
      made.log.push_back(seen);
    }
  }
  made.delivery = made.log;
  for (auto more = *rc::gen::inRange<std::size_t>(0, made.log.size() + 1); more > 0; --more)
    made.delivery.push_back(*rc::gen::elementOf(made.log));
  std::shuffle(made.delivery.begin(), made.delivery.end(),
               std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  return made;
}

RC_GTEST_PROP(Ledger, TotalsAreThoseOfTheLogWhateverTheDelivery, ()) {
  const Trial made = trial();
  OneRunLedger ledger(made.horizon);
  Totals before;
  for (const Entry& entry : made.delivery) {
    ledger.apply(entry);
    const Totals now = ledger.totals();
    for (const auto& [name, count] : before) RC_ASSERT(now.at(name) >= count);
    before = now;
  }
  RC_ASSERT(ledger.totals() == reference(made.log, made.horizon));
}

RC_GTEST_PROP(Ledger, FoldingHidesNothing, ()) {
  const Trial made = trial();
  Timeline timeline;
  for (const Entry& entry : made.log) insert(timeline, entry);
  const auto before = observe(timeline, {made.horizon}).steps;
  std::vector<std::tuple<StepKind, schema::Position>> steps, folded;
  for (const Step& step : before) steps.emplace_back(step.kind, step.at->position);
  fold(timeline, *rc::gen::inRange<std::size_t>(1, 8));
  for (const Step& step : observe(timeline, {made.horizon}).steps)
    folded.emplace_back(step.kind, step.at->position);
  RC_ASSERT(steps == folded);
}

}  // namespace
}  // namespace walpulse::monitor
