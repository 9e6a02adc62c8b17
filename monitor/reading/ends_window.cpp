#include "monitor/reading/ends_window.h"

#include <algorithm>
#include <tuple>

#include "decoder/mage/pipeline_run.h"

namespace walpulse::monitor::reading {
void EndsWindow::follow(std::span<const RunEnd> newest, const ReadMore& read_more,
                        std::span<const RunKey> active) {
  std::deque<Mark> fresh;
  std::set<std::int64_t> replaced;
  for (const RunKey& key : active) replaced.insert(key.run);
  const auto take = [&](std::span<const RunEnd> ends) {
    for (const RunEnd& end : ends) {
      fresh.push_back({end.ended, end.key.run, end.status == mage::kCompleted});
      replaced.insert(end.key.run);
    }
  };
  const auto is_older = [&](const Mark& mark) {
    const RunEnd& last = newest.back();
    return std::tuple(mark.ended, mark.run) < std::tuple(last.ended, last.key.run);
  };
  take(newest);
  std::vector<RunEnd> more;
  // Until what is read meets what is known: the newest of these may have been retried since.
  while (!newest.empty()) {
    const bool meets =
        ends_ && std::ranges::any_of(*ends_, [&](const Mark& mark) {
          return mark.ended == newest.back().ended && mark.run == newest.back().key.run;
        });
    if (meets || fresh.size() >= kEndsMax) break;
    more = read_more({newest.back().ended, newest.back().key});
    if (more.empty()) break;
    take(more);
    newest = more;
  }
  if (ends_ && !newest.empty()) {
    for (const Mark& mark : *ends_)
      if (is_older(mark) && !replaced.contains(mark.run)) fresh.push_back(mark);
  }
  if (fresh.size() > kEndsMax) fresh.resize(kEndsMax);
  ends_ = std::move(fresh);
}

EndTally EndsWindow::tally(Timestamp as_of) const {
  EndTally tally;
  if (!ends_) return tally;
  const Timestamp from = as_of - kLength;
  for (const Mark& mark : *ends_) {
    if (mark.ended < from) break;
    ++tally.ended;
    if (mark.completed) ++tally.completed;
    tally.first = mark.ended;
  }
  return tally;
}

Timestamp EndsWindow::next_change(Timestamp as_of) const {
  const auto first = tally(as_of).first;
  return first ? *first + kLength + std::chrono::microseconds(1) : kInfinity;
}

}  // namespace walpulse::monitor::reading
