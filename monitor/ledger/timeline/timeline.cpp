#include "monitor/ledger/timeline/timeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace walpulse::monitor {
namespace {

using schema::Operation;

bool entry_before(const Entry& entry, const schema::Position& position) {
  return entry.position < position;
}

bool says_the_same(const Entry& a, const Entry& b) {
  return a.status == b.status && a.created_at == b.created_at && a.started_at == b.started_at &&
         a.passed_sla == b.passed_sla && a.schedule_id == b.schedule_id &&
         a.execution_date == b.execution_date;
}

}  // namespace

Entry make_entry(mage::RunChange&& change) {
  if (change.operation == Operation::remove || change.operation == Operation::truncate)
    return make_end(change.position, change.commit_time);
  mage::PipelineRun& run = *change.run;
  Entry entry;
  entry.position = change.position;
  entry.operation = change.operation;
  entry.commit_time = change.commit_time;
  entry.status = std::move(run.status);
  entry.created_at = run.created_at;
  entry.started_at = run.started_at;
  entry.completed_at = run.completed_at;
  entry.execution_date = run.execution_date.value_or(kMinusInfinity);
  entry.passed_sla = run.passed_sla.value_or(false);
  entry.schedule_id = run.pipeline_schedule_id;
  entry.backfill_id = run.backfill_id;
  entry.pipeline = std::move(run.pipeline_uuid);
  entry.labels = std::move(change.labels);
  entry.key_changed = change.key_changed;
  return entry;
}

Entry make_end(schema::Position position, Timestamp commit_time) {
  Entry entry;
  entry.position = position;
  entry.operation = Operation::remove;
  entry.commit_time = commit_time;
  return entry;
}

const Entry* find(const Timeline& timeline, const schema::Position& position) {
  const auto at = std::lower_bound(timeline.begin(), timeline.end(), position, entry_before);
  return at != timeline.end() && at->position == position ? &*at : nullptr;
}

void insert(Timeline& timeline, Entry entry) {
  if (timeline.empty()) timeline.reserve(4);  // mostly: created, started, finished
  const auto at = std::lower_bound(timeline.begin(), timeline.end(), entry.position, entry_before);
  timeline.insert(at, std::move(entry));
}

Timeline merge(const Timeline& timeline, std::span<const Entry> ends) {
  Timeline merged;
  merged.reserve(timeline.size() + ends.size());
  std::merge(timeline.begin(), timeline.end(), ends.begin(), ends.end(), std::back_inserter(merged),
             [](const Entry& a, const Entry& b) { return a.position < b.position; });
  return merged;
}

std::size_t first_life(std::span<const Entry> timeline) {
  std::size_t size = 0;
  for (; size < timeline.size(); ++size) {
    const Operation operation = timeline[size].operation;
    if (operation == Operation::remove || (operation == Operation::insert && size > 0)) break;
  }
  return size;
}

std::size_t first_part(std::span<const Entry> life) {
  std::size_t size = 1;
  while (size < life.size() && life[size].created_at == life[size - 1].created_at) ++size;
  return size;
}

IntakeTime first_arrival(std::span<const Entry> entries) {
  const auto earlier = [](const Entry& a, const Entry& b) { return a.arrived < b.arrived; };
  return std::min_element(entries.begin(), entries.end(), earlier)->arrived;
}

std::optional<schema::Position> fold(Timeline& timeline, std::size_t entries_max) {
  if (timeline.size() <= entries_max) return std::nullopt;
  std::optional<schema::Position> floor;
  Timeline kept;
  std::size_t surplus = timeline.size() - entries_max;
  std::size_t in_life = 0;  // kept entries of this life, among them the starting state and a step
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    Entry& entry = timeline[i];
    const bool begins = kept.empty() || entry.operation == Operation::insert ||
                        entry.operation == Operation::remove ||
                        kept.back().operation == Operation::remove ||
                        entry.created_at != kept.back().created_at;
    if (begins) in_life = 0;
    const bool last = i + 1 == timeline.size();  // carries the current name
    if (surplus > 0 && !last && in_life >= 2 && entry.operation == Operation::update &&
        kept.back().operation != Operation::read && says_the_same(entry, kept.back())) {
      floor = entry.position;
      kept.back().arrived = std::min(kept.back().arrived, entry.arrived);
      --surplus;
      continue;
    }
    ++in_life;
    kept.push_back(std::move(entry));
  }
  timeline = std::move(kept);
  return floor;
}

}  // namespace walpulse::monitor
