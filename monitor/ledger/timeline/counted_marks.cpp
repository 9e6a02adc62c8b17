#include "monitor/ledger/timeline/counted_marks.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace walpulse::monitor {
namespace {

std::string_view status_of(const Step& step) {
  return counts_by_status(step.kind) ? std::string_view(*step.at->status) : std::string_view();
}

bool same_sort(const Step& a, const Step& b) {
  return a.kind == b.kind && status_of(a) == status_of(b);
}

std::size_t counted_total(const CountedMarks& counted, const Step& step) {
  std::size_t total = 0;
  for (const CountedMark& mark : counted)
    if (mark.kind == step.kind && mark.status == status_of(step)) total += mark.count;
  return total;
}

CountedMark& mark_for(CountedMarks& counted, const Step& step, const SharedLabels& labels) {
  for (CountedMark& mark : counted)
    if (mark.kind == step.kind && mark.status == status_of(step) && mark.labels == labels)
      return mark;
  return counted.emplace_back(CountedMark{step.kind, std::string(status_of(step)), labels, 0});
}

/// Takes `wanted` steps out of `candidates` (all of one sort), in order, by label set no more than
/// were said. `already` were counted before.
void take(const std::vector<NewStep>& candidates, std::size_t wanted, std::uint32_t already,
          CountedMarks& counted, std::vector<NewStep>& taken) {
  for (auto at = candidates.begin(); at != candidates.end() && wanted > 0; ++at) {
    const auto said = std::count_if(candidates.begin(), at + 1, [&](const NewStep& other) {
      return other.labels == at->labels;
    });
    CountedMark& mark = mark_for(counted, at->step, at->labels);
    if (mark.count >= said) continue;
    ++mark.count;
    --wanted;
    taken.push_back(*at);
    taken.back().nth = ++already;
  }
}

/// life_labels, made once for each origin: as a counted mark has them already, where one does.
class LabelsOfLives {
 public:
  explicit LabelsOfLives(const CountedMarks& counted) : counted_(counted) {}
  const SharedLabels& of(const Entry* origin) {
    for (const auto& [known, labels] : made_)
      if (known == origin) return labels;
    SharedLabels labels(life_labels(*origin));
    for (const CountedMark& mark : counted_) {
      if (mark.labels != labels) continue;
      labels = mark.labels;
      break;
    }
    return made_.emplace_back(origin, std::move(labels)).second;
  }

 private:
  const CountedMarks& counted_;
  std::vector<std::pair<const Entry*, SharedLabels>> made_;
};

}  // namespace

std::vector<NewStep> count_new(const Observation& observed, CountedMarks& counted) {
  std::vector<NewStep> taken;
  taken.reserve(observed.steps.size());
  LabelsOfLives lives(counted);
  const auto& steps = observed.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto same = [&](const Step& other) { return same_sort(other, steps[i]); };
    if (std::any_of(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
    const auto said = static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), same));
    const std::size_t already = counted_total(counted, steps[i]);
    if (said <= already) continue;
    if (said == 1) {  // as nearly always
      taken.push_back({steps[i], lives.of(steps[i].origin)});
      ++mark_for(counted, steps[i], taken.back().labels).count;
      continue;
    }
    std::vector<NewStep> candidates;
    for (const Step& step : steps)
      if (same(step)) candidates.push_back({step, lives.of(step.origin)});
    take(candidates, said - already, static_cast<std::uint32_t>(already), counted, taken);
  }
  std::erase_if(counted, [](const CountedMark& mark) { return mark.count == 0; });
  return taken;
}

}  // namespace walpulse::monitor
