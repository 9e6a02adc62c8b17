#include "monitor/ledger/application/told_tables.h"

#include <algorithm>

#include "monitor/ledger/application/told_from.h"

namespace walpulse::monitor {
namespace {

constexpr schema::Position kBehindAll{UINT64_MAX, Lsn{UINT64_MAX}, INT64_MAX};

}  // namespace

ToldTables::ToldTables(Transaction& in, const Context& context, IntakeTime settle, HeldTables& held)
    : in_(in), context_(context), settle_(settle), held_(held) {
  std::vector<std::int64_t> before;
  before.reserve(held.size());
  for (const auto& [table, since] : held) before.push_back(table);
  for (const std::int64_t table : before) decide(table);
}

/// Read again where a table came in between: other instances commit beside this transaction.
std::vector<Happening> ToldTables::oldest(std::size_t count_max) {
  while (true) {
    std::vector<Happening> found = in_.happenings().oldest(count_max, undecided_);
    bool all_decided = true;
    for (const Happening& each : found)
      if (!decided_.contains(each.source) &&
          std::ranges::find(undecided_, each.source) == undecided_.end())
        all_decided = decide(each.source) && all_decided;
    if (all_decided) return found;
  }
}

bool ToldTables::is_told(const Happening& happening) const {
  const auto& from = decided_.at(happening.source);
  return !from || happening.position > *from;
}

bool ToldTables::decide(std::int64_t table) {
  const auto source = std::ranges::find(context_.sources, table, &SourceRow::id);
  const ToldFrom told =
      source == context_.sources.end() ? ToldFrom{} : told_from(in_, context_, *source, settle_);
  if (told.known) {
    held_.erase(table);
    decided_.emplace(table, told.position);
    return true;
  }
  const IntakeTime since = held_.try_emplace(table, context_.intake).first->second;
  if (!told.named && context_.intake >= since + settle_) {
    decided_.emplace(table, kBehindAll);
    return true;
  }
  undecided_.push_back(table);
  return false;
}

}  // namespace walpulse::monitor
