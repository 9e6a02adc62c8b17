#include "monitor/ledger/timeline/observe.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using schema::Operation;

/// Those that the metrics' texts have already: a label twice is no sample.
constexpr std::array<std::string_view, 5> kTakenNames{"le", "pipeline", "source", "status",
                                                      "trigger"};

bool is_terminal(const std::optional<std::string>& status) {
  return status && mage::is_terminal(*status);
}

bool is_running(const Entry& entry) { return entry.status == mage::kRunning; }

/// When what ended with this row ended: FAILED and CANCELLED leave completed_at empty, or as an
/// earlier attempt left it.
Timestamp end_of(const EndTimes& row) {
  const auto& completed = row.completed_at;
  if (!completed || !is_finite(*completed)) return row.commit_time;
  const bool fresh = seconds_between(*completed, row.commit_time) <= 60 &&
                     seconds_between(row.commit_time, *completed) <= 60;
  return fresh ? *completed : row.commit_time;
}

EndTimes times_of(const Entry& entry) {
  return {entry.started_at, entry.completed_at, entry.commit_time};
}

/// Gathers the steps of a timeline.
class Steps {
 public:
  Steps(IntakeTime settled, Observation& observed) : settled_(settled), observed_(observed) {}

  bool has_settled(IntakeTime arrived) const { return arrived <= settled_; }
  void wait_for(IntakeTime arrived) {
    auto& waits = observed_.waits_for;
    waits = std::min(waits.value_or(arrived), arrived);
  }
  void add(const Step& step) { observed_.steps.push_back(step); }
  /// Behind a value that waits all wait, so that the n-th that is counted is the n-th there is.
  void add_settled(const Step& step) {
    if (value_waits_) return;
    if (has_settled(step.at->arrived)) return add(step);
    value_waits_ = true;
    wait_for(step.at->arrived);
  }

 private:
  const IntakeTime settled_;
  Observation& observed_;
  bool value_waits_ = false;
};

/// Walks one life, entry by entry. Every step looks at its entry and at earlier ones only.
class LifeWalk {
 public:
  LifeWalk(const Entry& origin, Steps& steps) : origin_(origin), steps_(steps) {
    if (begins_with_a_state(origin)) start_from(origin);
  }

  void visit(const Entry& entry) {
    if (entry.operation == Operation::read) {
      // State: it never counts and never hides a step.
      if (origin_.operation != Operation::insert && !streamed_) start_from(entry);
      return;
    }
    const bool had_ended = is_terminal(status_), ends = is_terminal(entry.status);
    const bool entered = entry.status != status_;
    if (entry.operation == Operation::insert) count(StepKind::created, entry);
    if (entered && is_running(entry)) count(StepKind::started, entry);
    if (had_ended && !ends) count(StepKind::retried, entry);
    if (entry.passed_sla && !missed_) count(StepKind::sla_missed, entry);
    if ((had_ended && !ends) || !running_since_)
      running_since_ = is_running(entry) ? std::optional(entry.commit_time) : std::nullopt;
    has_run_ = has_run_ || entry.started_at;
    if (is_running(entry) && entry.started_at && !queued_) leave_queue(entry);
    if (entered && ends) finish(entry);
    status_ = entry.status;
    last_ = &entry;
    missed_ = missed_ || entry.passed_sla;
    streamed_ = true;
  }

 private:
  void start_from(const Entry& state) {
    status_ = state.status;
    last_ = &state;
    missed_ = state.passed_sla;
    queued_ = has_run_ = state.started_at.has_value();
    end_ = is_terminal(state.status) ? &state : nullptr;
  }

  void leave_queue(const Entry& entry) {
    queued_ = true;
    const auto since = birth(origin_);
    if (!since || !is_finite(*since) || !is_finite(*entry.started_at)) return;
    count_settled(StepKind::queued, entry, seconds_between(*since, *entry.started_at));
  }

  void finish(const Entry& entry) {
    const auto took = run_seconds(entry, end_, running_since_);
    Step step{StepKind::finished, &entry, &origin_, took};
    step.before = last_;
    steps_.add(step);
    if (entry.status == mage::kCancelled && !has_run_) skip(entry);
    if (took) count_settled(StepKind::timed, entry, took);
    if (entry.status == mage::kFailed) {
      step.kind = StepKind::failed;
      step.seconds.reset();
      steps_.add_settled(step);
    }
    Step ended{StepKind::ended, &entry, &origin_, std::nullopt};
    ended.since = end_ != nullptr ? end_ : &origin_;
    steps_.add_settled(ended);
    end_ = &entry;
  }

  void skip(const Entry& entry) {
    Step step{StepKind::skipped, &entry, &origin_, std::nullopt};
    step.by_scheduler = !begins_with_a_state(origin_) &&
                        std::chrono::abs(entry.commit_time - origin_.commit_time) <= 1s;
    steps_.add_settled(step);
  }

  void count(StepKind kind, const Entry& at) { steps_.add({kind, &at, &origin_, std::nullopt}); }
  void count_settled(StepKind kind, const Entry& at, std::optional<double> seconds) {
    steps_.add_settled({kind, &at, &origin_, seconds});
  }

  const Entry& origin_;
  Steps& steps_;
  std::optional<std::string> status_;
  const Entry* last_ = nullptr;  ///< The one that said so.
  bool missed_ = false;
  bool queued_ = false;         ///< Or had started before the first entry.
  bool has_run_ = false;        ///< A row of this life said when it started.
  bool streamed_ = false;       ///< A change was seen, not only rows that a snapshot read.
  const Entry* end_ = nullptr;  ///< The last terminal step.
  std::optional<Timestamp> running_since_;  ///< The commit of the first RUNNING after it.
};

/// Whether there is anything to count once these wait no longer.
bool has_changes(std::span<const Entry> entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const Entry& entry) { return entry.operation != Operation::read; });
}

/// A part that begins with its insert counts at once. One without, and one that may have lost it,
/// waits for the insert until the part has settled.
void walk_life(std::span<const Entry> life, Steps& steps) {
  const Entry& origin = life.front();
  LifeWalk walk(origin, steps);
  const std::size_t states = begins_with_a_state(origin) ? 1 : 0;
  bool waits = origin.operation != Operation::insert;
  for (std::size_t begin = 0; begin < life.size();) {
    const auto part = life.subspan(begin, first_part(life.subspan(begin)));
    const std::size_t first = begin == 0 ? states : 0;
    if (waits && !steps.has_settled(first_arrival(part))) {
      if (has_changes(life.subspan(begin + first))) steps.wait_for(first_arrival(part));
      return;  // what follows waits with it
    }
    for (const Entry& entry : part.subspan(first)) walk.visit(entry);
    begin += part.size();
    waits = true;
  }
}

}  // namespace

double seconds_between(Timestamp from, Timestamp until) {
  const auto us = [](Timestamp t) { return static_cast<double>(t.time_since_epoch().count()); };
  return std::max((us(until) - us(from)) / 1e6, 0.0);
}

std::optional<Timestamp> birth(const Entry& origin) {
  return begins_with_a_state(origin) ? origin.created_at : origin.commit_time;
}

std::optional<double> seconds_taken(const EndTimes& end, const EndTimes* before,
                                    const std::optional<Timestamp>& running_since) {
  const bool kept = before != nullptr && before->started_at == end.started_at;
  const auto since = kept ? running_since : end.started_at;
  if (!since || !is_finite(*since)) return std::nullopt;
  return seconds_between(*since, end_of(end));
}

std::optional<double> run_seconds(const Entry& finishing, const Entry* last_end,
                                  const std::optional<Timestamp>& running_since) {
  if (last_end == nullptr) return seconds_taken(times_of(finishing), nullptr, running_since);
  const EndTimes before = times_of(*last_end);
  return seconds_taken(times_of(finishing), &before, running_since);
}

Observation observe(std::span<const Entry> timeline, IntakeTime settled) {
  Observation observed;
  observed.steps.reserve(8);  // of an ordinary life
  Steps steps(settled, observed);
  each_life(timeline, [&](std::span<const Entry> life) { walk_life(life, steps); });
  return observed;
}

telemetry::Labels life_labels(const Entry& origin) {
  telemetry::Labels labels;
  labels.emplace("pipeline", origin.pipeline.value_or(std::string(kUnknown)));
  labels.emplace("trigger", origin.backfill_id    ? "backfill"
                            : !origin.schedule_id ? "manual"
                                                  : "trigger");
  const OwnLabels own(origin);
  for (const auto& [name, value] : own.all()) labels.emplace(name, value);
  return labels;
}

OwnLabels::OwnLabels(const Entry& origin) {
  for (const schema::Label& label : origin.labels) {
    if (count_ == labels_.size()) break;
    if (std::ranges::find(kTakenNames, label.name) != kTakenNames.end()) continue;
    const auto end = labels_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto at =
        std::ranges::lower_bound(labels_.begin(), end, label.name, {}, &LabelView::first);
    if (at != end && at->first == label.name) continue;
    std::move_backward(at, end, end + 1);
    *at = {label.name, label.value};
    ++count_;
  }
}

}  // namespace walpulse::monitor
