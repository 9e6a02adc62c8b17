#include "monitor/ledger/timeline/trigger_history.h"

#include <algorithm>
#include <array>

#include "monitor/ledger/timeline/trigger_expectation.h"

namespace walpulse::monitor {
namespace {

using Entries = std::vector<RowEntry>;

const mage::PipelineSchedule* trigger_in(const RowEntry& entry) {
  return entry.row ? std::get_if<mage::PipelineSchedule>(&*entry.row) : nullptr;
}

bool leaves_settings_out(const RowEntry& entry) {
  const auto* trigger = trigger_in(entry);
  return trigger != nullptr && trigger->settings_unchanged;
}

/// The newest one up to `at` that does not leave its settings out; the oldest where all do.
std::size_t settings_of(const Entries& entries, std::size_t at) {
  while (at > 0 && leaves_settings_out(entries[at])) --at;
  return at;
}

std::optional<mage::PipelineSchedule> trigger_at(const Entries& entries, std::size_t at) {
  const auto* row = trigger_in(entries[at]);
  if (row == nullptr) return std::nullopt;
  mage::PipelineSchedule trigger = *row;
  const auto* says = trigger_in(entries[settings_of(entries, at)]);
  if (trigger.settings_unchanged && says != nullptr && !says->settings_unchanged) {
    trigger.settings = says->settings;
    trigger.settings_unchanged = false;
  }
  return trigger;
}

bool expect_the_same(const std::optional<mage::PipelineSchedule>& one,
                     const std::optional<mage::PipelineSchedule>& other) {
  if (one == other) return true;  // most often: no JSON is read for it
  return one && other && same_expectation(expectation_of(*one, {}), expectation_of(*other, {}));
}

/// The first of those up to the newest that all expect the same. Precondition: there are entries.
std::size_t first_like_the_newest(const Entries& entries) {
  std::size_t first = entries.size() - 1;
  const auto newest = trigger_at(entries, first);
  while (first > 0 && entries[first].operation != schema::Operation::insert &&
         expect_the_same(trigger_at(entries, first - 1), newest))
    --first;
  return first;
}

}  // namespace

std::optional<mage::PipelineSchedule> current_trigger(const TableRow& row) {
  if (row.entries.empty()) return std::nullopt;
  return trigger_at(row.entries, row.entries.size() - 1);
}

std::optional<Trigger> current_expectation(const TableRow& row) {
  const auto trigger = current_trigger(row);
  if (!trigger) return std::nullopt;
  return expectation_of(*trigger, row.entries[first_like_the_newest(row.entries)].commit_time);
}

void trim_trigger(Entries& entries) {
  if (entries.size() <= kTriggerEntriesMax) return;
  const std::size_t newest = entries.size() - 1;
  const std::size_t first = first_like_the_newest(entries);
  const std::size_t before = first == 0 ? first : first - 1;
  // What says the first one's settings is itself, or says those of the one before it.
  const std::array kept = {newest, first, before, settings_of(entries, newest),
                           settings_of(entries, before)};
  std::size_t goes = 0;
  while (std::find(kept.begin(), kept.end(), goes) != kept.end()) ++goes;
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(goes));
}

}  // namespace walpulse::monitor
