#include "monitor/ledger/application/run_batch.h"

#include <algorithm>
#include <utility>

namespace walpulse::monitor {
namespace {

bool before(const TouchedRun& run, const RunKey& key) { return run.stored.key < key; }

}  // namespace

void RunBatch::load(Transaction& transaction, std::vector<RunKey> keys) {
  std::erase_if(keys, [&](const RunKey& key) { return find(key) != nullptr; });
  if (keys.empty()) return;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto middle = static_cast<std::ptrdiff_t>(runs_.size());
  runs_.reserve(runs_.size() + keys.size());
  for (StoredRun& stored : transaction.runs().load(keys)) runs_.push_back({std::move(stored), {}});
  std::inplace_merge(
      runs_.begin(), runs_.begin() + middle, runs_.end(),
      [](const TouchedRun& a, const TouchedRun& b) { return a.stored.key < b.stored.key; });
}

TouchedRun* RunBatch::find(const RunKey& key) {
  const auto at = std::lower_bound(runs_.begin(), runs_.end(), key, before);
  return at != runs_.end() && at->stored.key == key ? &*at : nullptr;
}

}  // namespace walpulse::monitor
