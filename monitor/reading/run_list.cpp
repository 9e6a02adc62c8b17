#include "monitor/reading/run_list.h"

#include <algorithm>
#include <map>
#include <span>

#include "decoder/mage/pipeline_run.h"
#include "decoder/mage/tables.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/reading/label_sets.h"

namespace walpulse::monitor::reading {
namespace {

constexpr std::size_t kScanPage = 1'000;

bool newest_first(const RunEnd& one, const RunEnd& other) {
  return std::pair(one.ended, one.key) > std::pair(other.ended, other.key);
}

class RunLister {
 public:
  RunLister(Transaction& in, const Context& context, const Directory& directory,
            const RunFilter& filter, std::size_t count_max)
      : in_(in), context_(context), directory_(directory), filter_(filter), count_max_(count_max) {
    for (const SourceRow& row : context.sources)
      if (mage::table_of(row.table) == mage::Table::runs &&
          (!filter.source || *filter.source == row.name))
        tables_.emplace(row.id, row.name);
  }

  RunListPage list(const RunListMark& mark) {
    EndsBefore before = mark.ends;
    if (is_first_page_of_a_pipeline(mark) && list_newest()) return std::move(page_);
    if (mark.in_active) {
      if (wants_active() && !list_active(mark.key)) return std::move(page_);
      // What ends from here on was shown as active: the next page begins with the newest end of
      // now.
    }
    if (wants_ends()) list_ends(before);
    return std::move(page_);
  }

 private:
  bool is_first_page_of_a_pipeline(const RunListMark& mark) const {
    const RunListMark first;
    return mark.in_active && mark.key == first.key && filter_.with_active && filter_.pipeline &&
           filter_.statuses.empty() && !filter_.triggers && filter_.labels.empty() &&
           filter_.text.empty() && filter_.ended_before == kInfinity && tables_.size() == 1;
  }

  /// With one question to the ledger. False, and nothing listed, where more runs are active than
  /// the page has room for.
  bool list_newest() {
    const auto runs = in_.runs().runs_of(tables_.begin()->first, *filter_.pipeline,
                                         filter_.ended_from, count_max_ + 1);
    if (runs.active.size() > count_max_) return false;
    for (const StoredRun& stored : runs.active) add(stored);
    const std::size_t room = count_max_ - runs.active.size();
    for (std::size_t i = 0; i < std::min(room, runs.ended.size()); ++i) add(runs.ended[i]);
    if (runs.ended.size() <= room) return true;
    const StoredRun& next = runs.ended[room];
    if (const auto& finish = next.run.state.finish)
      page_.next = RunListMark{false, {}, before_or_at(finish->ended, next.key)};
    return true;
  }
  void add(const StoredRun& stored) {
    if (auto view = run_view(stored, context_, directory_)) page_.runs.push_back(*std::move(view));
  }

  bool wants_active() const {
    return filter_.with_active &&
           (filter_.statuses.empty() ||
            std::ranges::any_of(filter_.statuses, [](const std::string& status) {
              return !mage::is_terminal(status);
            }));
  }
  bool wants_ends() const {
    return filter_.statuses.empty() ||
           std::ranges::any_of(filter_.statuses,
                               [](const std::string& status) { return mage::is_terminal(status); });
  }

  /// Those that may be asked for, of the greatest number first.
  std::vector<RunKey> active_keys(const RunKey& behind_key) {
    std::vector<RunKey> keys;
    for (const auto& [table, source] : tables_) {
      const auto more = filter_.pipeline ? in_.runs().active_of(table, *filter_.pipeline)
                                         : in_.runs().active(table);
      keys.insert(keys.end(), more.begin(), more.end());
    }
    const auto rank = [](const RunKey& key) { return std::pair(key.run, key.source); };
    std::erase_if(keys, [&](const RunKey& key) { return rank(key) >= rank(behind_key); });
    std::ranges::sort(keys, std::ranges::greater{}, rank);
    return keys;
  }

  /// False where the page is done.
  bool list_active(const RunKey& behind_key) {
    const auto keys = active_keys(behind_key);
    for (std::size_t at = 0; at < keys.size();) {
      if (at >= kActiveScannedMax) return end_active(keys[at - 1]);
      const std::size_t count = std::min(count_max_, keys.size() - at);
      std::vector<RunKey> some(keys.begin() + static_cast<std::ptrdiff_t>(at),
                               keys.begin() + static_cast<std::ptrdiff_t>(at + count));
      auto views = views_of(some);
      for (const RunKey& key : some) {
        ++at;
        const auto view = views.find(key);
        if (view == views.end() || !passes(view->second)) continue;
        page_.runs.push_back(std::move(view->second));
        if (page_.runs.size() == count_max_ && at < keys.size()) return end_active(key);
      }
    }
    return true;
  }
  bool end_active(const RunKey& last) {
    page_.next = RunListMark{true, last, {}};
    return false;
  }

  /// Looks for one more than there is room for: it begins the next page.
  void list_ends(EndsBefore before) {
    if (filter_.ended_before < before.ended)
      before = {filter_.ended_before, {INT64_MIN, INT64_MIN}};
    std::vector<RunEnd> chosen;
    const std::size_t room = count_max_ - page_.runs.size();
    // Mostly the first ends are those that are wanted.
    std::size_t asked = std::min(room + 1, kScanPage);
    for (std::size_t scanned = 0; !page_.next; asked = std::min(4 * asked, kScanPage)) {
      const auto ends = next_ends(before, asked);
      for (const RunEnd& end : ends) {
        before = {end.ended, end.key};
        ++scanned;
        if (!passes(end)) continue;
        if (chosen.size() == room) {
          page_.next = RunListMark{false, {}, behind(end)};
          break;
        }
        chosen.push_back(end);
      }
      if (ends.size() < asked) break;  // there are no more
      if (!page_.next && scanned >= kEndsScannedMax) page_.next = RunListMark{false, {}, before};
    }
    std::vector<RunKey> keys;
    keys.reserve(chosen.size());
    for (const RunEnd& end : chosen) keys.push_back(end.key);
    auto views = views_of(keys);
    for (const RunEnd& end : chosen)
      if (const auto view = views.find(end.key); view != views.end())
        page_.runs.push_back(std::move(view->second));
  }

  std::vector<RunEnd> next_ends(const EndsBefore& before, std::size_t count_max) {
    if (!filter_.pipeline) return in_.runs().ends(before, filter_.ended_from, count_max);
    std::vector<RunEnd> all;
    for (const auto& [table, source] : tables_) {
      auto ends =
          in_.runs().ends_of(table, *filter_.pipeline, before, filter_.ended_from, count_max);
      all.insert(all.end(), ends.begin(), ends.end());
    }
    std::ranges::sort(all, newest_first);
    if (all.size() > count_max) all.resize(count_max);
    return all;
  }
  /// So that `end` itself comes.
  static EndsBefore behind(const RunEnd& end) { return before_or_at(end.ended, end.key); }
  static EndsBefore before_or_at(Timestamp ended, const RunKey& key) {
    return {ended, {key.source, key.run + 1}};
  }

  std::map<RunKey, RunView> views_of(std::vector<RunKey> keys) {
    std::ranges::sort(keys);
    std::map<RunKey, RunView> views;
    for (const StoredRun& stored : in_.runs().peek(keys))
      if (auto view = run_view(stored, context_, directory_))
        views.emplace(stored.key, *std::move(view));
    return views;
  }

  bool passes(const RunEnd& end) const {
    const auto table = tables_.find(end.key.source);
    if (table == tables_.end()) return false;
    if (!filter_.statuses.empty() && !filter_.statuses.contains(end.status)) return false;
    if (!passes_trigger(table->second, end.schedule)) return false;
    if (filter_.labels.empty() && passes_name(end.pipeline, end.key.run, {})) return true;
    const auto labels = decode_labels(end.labels).value_or(telemetry::Labels{});
    return passes_name(end.pipeline, end.key.run, labels) && passes_labels(labels);
  }
  bool passes(const RunView& view) const {
    const RunSummary& run = view.run;
    if (!run.active) return false;
    if (!filter_.statuses.empty() && !filter_.statuses.contains(run.status)) return false;
    return passes_name(run.pipeline, run.key.run, run.labels) &&
           passes_trigger(view.source, run.schedule) && passes_labels(run.labels);
  }
  bool passes_name(const std::string& pipeline, std::int64_t run,
                   const telemetry::Labels& labels) const {
    if (filter_.pipeline && pipeline != *filter_.pipeline) return false;
    return filter_.text.empty() || contains_text(pipeline, filter_.text) ||
           std::to_string(run) == filter_.text || labels_have(labels, filter_.text);
  }
  bool passes_trigger(const std::string& source, const std::optional<std::int64_t>& id) const {
    return !filter_.triggers || (id && filter_.triggers->contains({source, *id}));
  }
  bool passes_labels(const telemetry::Labels& labels) const {
    return std::ranges::all_of(filter_.labels, [&](const auto& wanted) {
      const auto found = labels.find(wanted.first);
      return found != labels.end() && found->second == wanted.second;
    });
  }

  Transaction& in_;
  const Context& context_;
  const Directory& directory_;
  const RunFilter& filter_;
  const std::size_t count_max_;
  std::map<std::int64_t, std::string> tables_;
  RunListPage page_;
};

}  // namespace

RunListPage list_runs(Transaction& in, const Context& context, const Directory& directory,
                      const RunFilter& filter, const RunListMark& mark, std::size_t count_max) {
  return RunLister(in, context, directory, filter, count_max).list(mark);
}

}  // namespace walpulse::monitor::reading
