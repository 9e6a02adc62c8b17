#include "monitor/ledger/counting.h"

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

std::size_t held_total(const Held& held, const Step& step) {
  std::size_t total = 0;
  for (const HeldMark& mark : held)
    if (mark.kind == step.kind && mark.status == status_of(step)) total += mark.count;
  return total;
}

HeldMark& mark_for(Held& held, const Step& step, const SharedLabels& labels) {
  for (HeldMark& mark : held)
    if (mark.kind == step.kind && mark.status == status_of(step) && mark.labels == labels)
      return mark;
  return held.emplace_back(HeldMark{step.kind, std::string(status_of(step)), labels, 0});
}

/// Takes `wanted` steps out of `candidates` (all of one sort), in order, by label set no more than
/// were said.
void take(const std::vector<NewStep>& candidates, std::size_t wanted, Held& held,
          std::vector<NewStep>& taken) {
  for (auto at = candidates.begin(); at != candidates.end() && wanted > 0; ++at) {
    const auto said = std::count_if(candidates.begin(), at + 1, [&](const NewStep& other) {
      return other.labels == at->labels;
    });
    HeldMark& mark = mark_for(held, at->step, at->labels);
    if (mark.count >= said) continue;
    ++mark.count;
    --wanted;
    taken.push_back(*at);
  }
}

/// life_labels, made once for each origin: as a held mark has them already, where one does.
class LabelsOfLives {
 public:
  explicit LabelsOfLives(const Held& held) : held_(held) {}
  const SharedLabels& of(const Entry* origin) {
    for (const auto& [known, labels] : made_)
      if (known == origin) return labels;
    SharedLabels labels(life_labels(*origin));
    for (const HeldMark& mark : held_) {
      if (mark.labels != labels) continue;
      labels = mark.labels;
      break;
    }
    return made_.emplace_back(origin, std::move(labels)).second;
  }

 private:
  const Held& held_;
  std::vector<std::pair<const Entry*, SharedLabels>> made_;
};

}  // namespace

std::vector<NewStep> count_new(const Observation& observed, Held& held) {
  std::vector<NewStep> taken;
  taken.reserve(observed.steps.size());
  LabelsOfLives lives(held);
  const auto& steps = observed.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto same = [&](const Step& other) { return same_sort(other, steps[i]); };
    if (std::any_of(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
    const auto said = static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), same));
    const std::size_t counted = held_total(held, steps[i]);
    if (said <= counted) continue;
    if (said == 1) {  // as nearly always
      taken.push_back({steps[i], lives.of(steps[i].origin)});
      ++mark_for(held, steps[i], taken.back().labels).count;
      continue;
    }
    std::vector<NewStep> candidates;
    for (const Step& step : steps)
      if (same(step)) candidates.push_back({step, lives.of(step.origin)});
    take(candidates, said - counted, held, taken);
  }
  std::erase_if(held, [](const HeldMark& mark) { return mark.count == 0; });
  return taken;
}

}  // namespace walpulse::monitor
