#include "monitor/ledger/observe.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace walpulse::monitor {
namespace {

using schema::Operation;

constexpr std::size_t kLabelsMax = 9;  // Cloud Monitoring's ten, less `status`

bool finite(Timestamp instant) { return instant != kInfinity && instant != kMinusInfinity; }

Timestamp horizon_of(const Entry& first, const Horizon& horizon) {
  constexpr std::uint64_t kYear9999 = 253'402'300'799;  // a forged epoch must not overflow
  const auto epoch = std::chrono::seconds(std::min(first.position.epoch, kYear9999));
  return std::max(horizon.birth, Timestamp(epoch));
}

bool terminal(const std::optional<std::string>& status) {
  return status && schema::is_terminal(*status);
}

std::optional<double> queue_seconds(const Entry& start) {
  if (!start.started_at || !start.created_at) return std::nullopt;
  if (!finite(*start.started_at) || !finite(*start.created_at)) return std::nullopt;
  return seconds_between(*start.created_at, *start.started_at);
}

/// Walks one life from its starting state, or from nothing.
class LifeWalk {
 public:
  LifeWalk(const Entry* origin, bool old, std::vector<Step>& steps)
      : origin_(origin), old_(old), steps_(steps) {}

  void start_from(const Entry& state) {
    status_ = timed_status_ = state.status;
    missed_ = state.passed_sla;
    queued_ = queued_ || state.started_at.has_value();
  }

  void visit(const Entry& entry) {
    if (entry.operation == Operation::read) {
      if (old_ && !streamed_) start_from(entry);
      return;
    }
    if (entry.operation == Operation::insert) add(StepKind::created, entry);
    if (entry.status != status_) change_status(entry);
    if (entry.status == schema::kRunning && !queued_) leave_queue(entry);
    take_time(entry);
    if (entry.passed_sla && !missed_) add(StepKind::sla_missed, entry);
    status_ = entry.status;
    missed_ = missed_ || entry.passed_sla;
    streamed_ = true;
  }

 private:
  void change_status(const Entry& entry) {
    if (entry.status == schema::kRunning) add(StepKind::started, entry);
    if (terminal(entry.status)) {
      add(StepKind::finished, entry, duration_seconds(entry));
      if (entry.status == schema::kCancelled && !entry.started_at) add(StepKind::skipped, entry);
    }
    if (terminal(status_) && !terminal(entry.status)) add(StepKind::retried, entry);
  }

  // What follows asks nothing of entries that do not say it themselves: after a gap one of them may
  // still come, or never, and must take back no count.

  void leave_queue(const Entry& entry) {
    const auto waited = queue_seconds(entry);
    if (!waited) return;
    add(StepKind::queued, entry, waited);
    queued_ = true;
  }

  void take_time(const Entry& entry) {
    const bool ended = terminal(entry.status);
    const auto took = ended ? duration_seconds(entry) : std::nullopt;
    if (took && entry.status != timed_status_) add(StepKind::timed, entry, took);
    if (took || !ended) timed_status_ = entry.status;
  }

  void add(StepKind kind, const Entry& at, std::optional<double> seconds = std::nullopt) {
    steps_.push_back({kind, &at, origin_, seconds});
  }

  const Entry* origin_;
  const bool old_;
  std::vector<Step>& steps_;
  std::optional<std::string> status_;
  /// Where those that ended without having run are left out.
  std::optional<std::string> timed_status_;
  bool missed_ = false;
  bool queued_ = false;  ///< Or had started before the first entry.
  bool streamed_ = false;
};

}  // namespace

double seconds_between(Timestamp from, Timestamp until) {
  const auto us = [](Timestamp t) { return static_cast<double>(t.time_since_epoch().count()); };
  return std::max((us(until) - us(from)) / 1e6, 0.0);
}

bool begins_in_the_past(std::span<const Entry> life, const Horizon& horizon) {
  const Entry& first = life.front();
  if (first.operation == Operation::insert) return false;
  if (!first.created_at || *first.created_at < horizon_of(first, horizon)) return true;
  return *first.created_at < horizon.pruned && first.commit_time >= horizon.waited_out;
}

Observation observe(std::span<const Entry> timeline, const Horizon& horizon) {
  Observation observed;
  observed.steps.reserve(8);  // of an ordinary life
  for (std::span<const Entry> life : lives(timeline)) {
    const Entry& first = life.front();
    const bool old = begins_in_the_past(life, horizon);
    const bool waits = !old && first.operation != Operation::insert;
    if (waits && first.commit_time >= horizon.waited_out) {
      if (!observed.waiting_since || first.commit_time < *observed.waiting_since)
        observed.waiting_since = first.commit_time;
      continue;
    }
    LifeWalk walk(waits ? nullptr : &first, old, observed.steps);
    if (old) {
      walk.start_from(first);
      life = life.subspan(1);
    }
    for (const Entry& entry : life) walk.visit(entry);
  }
  return observed;
}

gcp::Labels life_labels(const Entry* origin) {
  gcp::Labels labels;
  if (origin == nullptr) {
    labels.emplace("pipeline", kUnknown);
    labels.emplace("trigger", kUnknown);
    return labels;
  }
  labels.emplace("pipeline", origin->pipeline.value_or(std::string(kUnknown)));
  labels.emplace("trigger", origin->backfill_id    ? "backfill"
                            : !origin->schedule_id ? "manual"
                                                   : "trigger");
  for (const schema::Label& label : origin->labels) {
    if (labels.size() >= kLabelsMax) break;
    // Those that the metrics' texts have already: a label twice is no sample.
    if (label.name == "status" || label.name == "source" || label.name == "le") continue;
    labels.emplace(label.name, label.value);
  }
  return labels;
}

std::optional<double> duration_seconds(const Entry& finishing) {
  if (!finishing.started_at || !finite(*finishing.started_at)) return std::nullopt;
  Timestamp end = finishing.commit_time;
  if (const auto& completed = finishing.completed_at; completed && finite(*completed)) {
    if (seconds_between(*completed, end) <= 60 && seconds_between(end, *completed) <= 60)
      end = *completed;
  }
  return seconds_between(*finishing.started_at, end);
}

}  // namespace walpulse::monitor
