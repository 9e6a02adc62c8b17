#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "monitor/ledger/timeline/counted_marks.h"
#include "monitor/ledger/timeline/observe.h"
#include "monitor/ledger/timeline/run_state.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

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
    if (chance(0.1)) schedule_.reset();
    entry.schedule_id = schedule_;
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
    schedule_ = 7;
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
  std::optional<std::int64_t> schedule_;
  bool started_ = false, sla_ = false;
};

RC_GTEST_PROP(Ledger, FoldingHidesNothing, ()) {
  Timeline timeline = MageLog().log;
  const auto before = observe(timeline, kLongAgo).steps;
  const RunState state = run_state(timeline);
  std::vector<std::tuple<StepKind, schema::Position>> steps, folded;
  for (const Step& step : before) steps.emplace_back(step.kind, step.at->position);
  fold(timeline, *rc::gen::inRange<std::size_t>(1, 8));
  for (const Step& step : observe(timeline, kLongAgo).steps)
    folded.emplace_back(step.kind, step.at->position);
  RC_ASSERT(steps == folded);
  RC_ASSERT(run_state(timeline) == state);
}

}  // namespace
}  // namespace walpulse::monitor
