#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "monitor/reading/run_view.h"

namespace walpulse::monitor::reading {

/// Which runs are asked for. What is empty asks for all.
struct RunFilter {
  std::optional<std::string> source;
  std::optional<std::string> pipeline;  ///< A name, of each source that `source` lets through.
  std::set<std::string> statuses;
  /// Source and trigger's number.
  std::optional<std::set<std::pair<std::string, std::int64_t>>> triggers;
  telemetry::Labels labels;
  Timestamp ended_from = kMinusInfinity;
  Timestamp ended_before = kInfinity;
  bool with_active = true;
  std::string text;  ///< In the pipeline's name or a label, whatever the case, or the run's number.
};

/// Where a page begins: among the active runs behind `key`, or among the ends before `ends`.
struct RunListMark {
  bool in_active = true;
  RunKey key{INT64_MAX, INT64_MAX};
  EndsBefore ends;
};
struct RunListPage {
  std::vector<RunView> runs;
  std::optional<RunListMark> next;
};

/// A request looks at so many ends, and at so many active runs: then the page is short.
inline constexpr std::size_t kEndsScannedMax = 10'000;
inline constexpr std::size_t kActiveScannedMax = 2'000;

/// Active runs first, those of the greatest number first; then the last ended. A run that ends
/// between the page that shows it as active and the next one does not come again, where the active
/// ones fit one page.
RunListPage list_runs(Transaction& in, const Context& context, const Directory& directory,
                      const RunFilter& filter, const RunListMark& mark, std::size_t count_max);

}  // namespace walpulse::monitor::reading
