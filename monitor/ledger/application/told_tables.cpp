#include "monitor/ledger/application/told_tables.h"

#include <algorithm>

#include "monitor/ledger/application/told_from.h"

namespace walpulse::monitor {
namespace {

bool holds(const std::vector<std::int64_t>& tables, std::int64_t table) {
  return std::ranges::find(tables, table) != tables.end();
}

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
      if (!named_.contains(each.source) && !holds(unnamed_, each.source) &&
          !holds(undecided_, each.source))
        all_decided = decide(each.source) && all_decided;
    if (all_decided) return found;
  }
}

News ToldTables::sorted(const std::vector<Happening>& happenings) const {
  News news;
  for (const Happening& each : happenings) {
    const auto from = named_.find(each.source);
    const bool is_told = from != named_.end() && (!from->second || each.position > *from->second);
    (is_told ? news.told : news.untold).push_back(each);
  }
  return news;
}

bool ToldTables::decide(std::int64_t table) {
  const auto source = std::ranges::find(context_.sources, table, &SourceRow::id);
  const ToldFrom told =
      source == context_.sources.end() ? ToldFrom{} : told_from(in_, context_, *source, settle_);
  if (told.known) {
    held_.erase(table);
    named_.emplace(table, told.position);
    return true;
  }
  const IntakeTime since = held_.try_emplace(table, context_.intake).first->second;
  if (!told.named && context_.intake >= since + settle_) {
    unnamed_.push_back(table);
    return true;
  }
  undecided_.push_back(table);
  return false;
}

}  // namespace walpulse::monitor
