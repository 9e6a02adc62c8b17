#include "monitor/reading/pipeline_detail.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/timeline/label_bytes.h"

namespace walpulse::monitor::reading {
namespace {

constexpr std::size_t kDetailPage = 1'000;
constexpr std::string_view kTriggerName = "trigger";

/// `seconds` is not empty.
double middle_of(std::vector<double>& seconds) {
  std::ranges::sort(seconds);
  const std::size_t half = seconds.size() / 2;
  return seconds.size() % 2 == 1 ? seconds[half] : (seconds[half - 1] + seconds[half]) / 2;
}

std::string trigger_name(const PipelineSummary& summary, const std::optional<std::int64_t>& id) {
  for (const TriggerSummary& trigger : summary.triggers)
    if (id == trigger.trigger->trigger.id) return trigger.name();
  return "";
}

}  // namespace

std::vector<RunEnd> read_recent_ends(Transaction& in, const PipelineSummary& summary,
                                     Timestamp as_of) {
  std::vector<RunEnd> ends;
  if (summary.table == 0) return ends;
  EndsBefore before;
  while (ends.size() < kDetailEndsMax) {
    auto more =
        in.runs().ends_of(summary.table, summary.name, before, as_of - kTrendDays, kDetailPage);
    const bool last = more.size() < kDetailPage;
    if (!more.empty()) before = {more.back().ended, more.back().key};
    std::move(more.begin(), more.end(), std::back_inserter(ends));
    if (last) break;
  }
  return ends;
}

std::vector<DailyFigures> read_pruned_days(Transaction& in, const PipelineSummary& summary,
                                           Timestamp as_of) {
  if (summary.table == 0) return {};
  const auto today = std::chrono::floor<std::chrono::days>(as_of);
  return in.daily().of(summary.table, summary.name, today - kTrendDays, today);
}

std::vector<DayView> days_of(const std::vector<RunEnd>& ends,
                             const std::vector<DailyFigures>& pruned) {
  struct Growing {
    DayView view;
    std::vector<double> seconds;
    DurationHistogram before;
  };
  std::map<std::chrono::sys_days, Growing> days;
  for (const RunEnd& end : ends) {
    Growing& day = days[std::chrono::floor<std::chrono::days>(end.ended)];
    if (end.status == mage::kCompleted) {
      ++day.view.completed;
      if (end.seconds) day.seconds.push_back(*end.seconds);
    } else {
      ++(end.status == mage::kFailed ? day.view.failed : day.view.cancelled);
    }
  }
  for (const DailyFigures& figures : pruned) {
    Growing& day = days[figures.day];
    day.view.completed += figures.completed;
    day.view.failed += figures.failed;
    day.view.cancelled += figures.cancelled;
    day.before.add(figures.durations);
  }
  if (ends.size() >= kDetailEndsMax)
    days.erase(days.begin(),
               days.upper_bound(std::chrono::floor<std::chrono::days>(ends.back().ended)));
  std::vector<DayView> found;
  for (auto& [at, day] : days) {
    day.view.day = at;
    if (day.before.count() > 0) {
      for (const double seconds : day.seconds) day.before.add(seconds);
      day.view.usual = day.before.quantile(0.5);
      day.view.nine_of_ten = day.before.quantile(0.9);
    } else if (!day.seconds.empty()) {
      day.view.usual = middle_of(day.seconds);
      day.view.nine_of_ten = day.seconds[(day.seconds.size() * 9 + 9) / 10 - 1];
    }
    found.push_back(day.view);
  }
  return found;
}

std::vector<GroupView> groups_of(const std::vector<RunEnd>& ends, const rules::Names& per,
                                 const PipelineSummary& summary, std::size_t count_max) {
  if (per.empty()) return {};
  struct Growing {
    GroupView view;
    bool succeeded = false;
  };
  std::map<std::pair<telemetry::Labels, std::string>, Growing> groups;
  for (const RunEnd& end : ends) {  // the newest first
    const auto all = decode_labels(end.labels).value_or(telemetry::Labels{});
    telemetry::Labels labels;
    std::string trigger;
    for (const std::string& name : per) {
      if (name == kTriggerName) {
        trigger = trigger_name(summary, end.schedule);
      } else if (const auto label = all.find(name); label != all.end()) {
        labels.insert(*label);
      }
    }
    Growing& group = groups[{labels, trigger}];
    if (group.view.last == nullptr) {
      group.view.labels = labels;
      group.view.trigger = trigger;
      group.view.last = &end;
    }
    if (group.succeeded) continue;
    if (end.status == mage::kCompleted) {
      group.succeeded = true;
      group.view.last_success = end.ended;
    } else if (end.status == mage::kFailed) {
      ++group.view.failed_in_a_row;
    }
  }
  std::vector<GroupView> found;
  found.reserve(groups.size());
  for (auto& [key, group] : groups) found.push_back(std::move(group.view));
  std::ranges::stable_sort(found, std::ranges::greater{}, &GroupView::failed_in_a_row);
  if (found.size() > count_max) found.resize(count_max);
  return found;
}

}  // namespace walpulse::monitor::reading
