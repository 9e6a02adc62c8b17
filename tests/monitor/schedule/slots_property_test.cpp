#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "monitor/schedule/cron.h"
#include "monitor/schedule/slots.h"
#include "monitor/schedule/trigger_clock.h"
#include "tests/monitor/schedule/instants.h"

/// What is expected against what Mage's scheduler does, told again here: every ten seconds it looks
/// at the trigger as it is and makes a run for the current slot (PipelineSchedule.should_schedule).
namespace walpulse::monitor {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Random = std::mt19937_64;

constexpr seconds kLoop{10};
const Timestamp kBegin =
    utc("2028-02-27 21:00");  // Before a 29 February, a Sunday and a month's end.
const Timestamp kEnd = kBegin + days(4);

seconds up_to(Random& random, seconds most) {
  return seconds(random() % static_cast<std::uint64_t>(most.count() + 1));
}

/// A trigger's rows: created, changed, paused and enabled again, as people do it.
std::vector<Trigger> any_history(Random& random) {
  static const std::vector<std::string> kIntervals{
      "@hourly", "@daily",     "@weekly",     "@monthly",   "@once",        "*/7 * * * *",
      "@hourly", "15 * * * *", "0 */5 * * *", "30 9 L * *", "0 12 1 * tue", "* 3 * * *"};
  std::vector<Trigger> rows;
  Trigger row;
  Timestamp at = kBegin;
  while (at < kEnd) {
    at += up_to(random, hours(random() % 4 == 0 ? 1 : 20)) + seconds(1) +
          microseconds(random() % 1'000'000);
    row.schedule_type = random() % 10 == 0 ? "API" : "TIME";
    const bool was_active = row.status == "ACTIVE";
    row.status = random() % 3 == 0 ? "INACTIVE" : "ACTIVE";
    if (row.status == "ACTIVE" && !was_active && random() % 10 != 0)
      row.last_enabled_at = at - microseconds(random() % 2'000'000);
    if (rows.empty() || random() % 3 == 0)
      row.schedule_interval = kIntervals[random() % kIntervals.size()];
    if (random() % 3 == 0) row.create_initial_pipeline_run = random() % 2 == 0;
    if (random() % 3 == 0) row.landing_time_enabled = random() % 3 == 0;
    if (random() % 3 == 0)
      row.start_time = random() % 2 == 0
                           ? std::optional(kBegin - days(10) + up_to(random, days(12)))
                           : std::nullopt;
    row.known_since = at;
    rows.push_back(rows.empty() ? row : rewritten(rows.back(), row));
  }
  return rows;
}

bool lands(const Trigger& row) {
  return row.landing_time_enabled && row.schedule_type == "TIME" &&
         (row.schedule_interval == "@hourly" || row.schedule_interval == "@daily" ||
          row.schedule_interval == "@weekly" || row.schedule_interval == "@monthly");
}

Timestamp current_execution_date(const Trigger& row, Timestamp now) {
  using std::chrono::floor;
  const auto today = floor<days>(now);
  const auto weekday = [](auto day) { return days(std::chrono::weekday(day).iso_encoding() - 1); };
  const Timestamp start = lands(row) ? row.start_time.value_or(Timestamp{}) : Timestamp{};
  const bool shifted = lands(row) && row.start_time;
  const auto start_day = floor<days>(start);
  const auto time_of_day = floor<seconds>(start - start_day);
  if (row.schedule_interval == "@hourly")
    return floor<hours>(now) + (shifted ? floor<seconds>(start - floor<hours>(start)) : seconds(0));
  if (row.schedule_interval == "@daily") return today + (shifted ? time_of_day : seconds(0));
  if (row.schedule_interval == "@weekly")
    return today - weekday(today) + (shifted ? weekday(start_day) + time_of_day : seconds(0));
  if (row.schedule_interval == "@monthly") {
    const std::chrono::year_month_day date(today), day(start_day);
    return std::chrono::sys_days(date.year() / date.month() / 1) +
           (shifted ? days(static_cast<unsigned>(day.day()) - 1) + time_of_day : seconds(0));
  }
  return *CronExpression::parse(row.schedule_interval)->previous(now);
}

bool should_schedule(const Trigger& row, Timestamp now) {
  if (row.schedule_type != "TIME" || row.status != "ACTIVE" || row.schedule_interval == "@once")
    return false;
  if (!lands(row) && row.start_time && now < *row.start_time) return false;
  const Timestamp slot = current_execution_date(row, now);
  if (row.start_time && slot < *row.start_time) return false;
  if (row.last_enabled_at && !row.create_initial_pipeline_run && slot < *row.last_enabled_at)
    return false;
  return !lands(row) || now >= slot - minutes(10);
}

struct Life {
  std::vector<Trigger> rows;
  std::vector<Timestamp> from;          ///< The commit of each row.
  std::map<Timestamp, Timestamp> runs;  ///< execution_date -> when it was made.

  Timestamp until(std::size_t n) const {
    return n + 1 < from.size() ? std::min(from[n + 1], kEnd) : kEnd;
  }
};

/// Away is a time without a scheduler.
Life any_life(Random& random, bool with_outages) {
  Life life;
  life.rows = any_history(random);
  Timestamp commit = kBegin;
  for (const Trigger& row : life.rows)
    life.from.push_back(commit = std::max(commit, row.known_since));
  Timestamp now = kBegin + microseconds(random() % 10'000'000);
  std::size_t n = 0;
  for (; now < kEnd; now += kLoop) {
    if (with_outages && random() % 2'000 == 0) now += up_to(random, hours(30));
    while (n + 1 < life.rows.size() && life.from[n + 1] <= now) ++n;
    if (now < life.from[0] || !should_schedule(life.rows[n], now)) continue;
    life.runs.emplace(current_execution_date(life.rows[n], now), now);
  }
  return life;
}

std::vector<Timestamp> dates(const Life& life, Timestamp made_until) {
  std::vector<Timestamp> dates;
  for (const auto& [date, made] : life.runs)
    if (made <= made_until) dates.push_back(date);
  return dates;
}

std::vector<Slot> slots_of(const Life& life, std::size_t n, Timestamp to) {
  const auto slots = expected_slots(life.rows[n], life.from[n] - days(40), to, 100'000);
  RC_ASSERT(slots.has_value());
  return slots->slots;
}

RC_GTEST_PROP(ExpectedSlotsProperty, WhatIsExpectedMageMakesWhileItRuns, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Life life = any_life(random, false);
  for (std::size_t n = 0; n < life.rows.size(); ++n) {
    const Timestamp end = life.until(n);
    const auto late = missing(slots_of(life, n, end), dates(life, end), end, 2 * kLoop);
    for (const OverdueSlot& each : late)
      RC_LOG() << life.rows[n].schedule_interval << " lacks " << shown(each.slot.at) << " due "
               << shown(each.slot.due) << '\n';
    RC_ASSERT(late.empty());
  }
}

RC_GTEST_PROP(ExpectedSlotsProperty, WhatMageMakesIsExpectedUnlessItIsOfBeforeTheTriggerWasKnown,
              ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Life life = any_life(random, true);
  for (const auto& [date, made] : life.runs) {
    const auto after = std::upper_bound(life.from.begin(), life.from.end(), made);
    const auto n = static_cast<std::size_t>(after - life.from.begin()) - 1;
    const Trigger& row = life.rows[n];
    // A day that its month lacks is made on a day of that month all the same, early.
    if (lands(row) && row.schedule_interval == "@monthly") continue;
    const bool seen = row.last_enabled_at && row.known_since <= *row.last_enabled_at + minutes(1);
    if (date < row.known_since && !seen) continue;
    const auto closes = Recurrence::read(row.schedule_interval, {}).value()->closes(date);
    if (date < row.known_since && closes - row.known_since < kOpenMin) continue;
    const auto slots = slots_of(life, n, std::max(date, made));
    RC_LOG() << row.schedule_interval << ' ' << shown(date) << " made " << shown(made) << '\n';
    RC_ASSERT(std::any_of(slots.begin(), slots.end(),
                          [&, d = date](const Slot& slot) { return slot.at == d; }));
  }
}

RC_GTEST_PROP(ExpectedSlotsProperty, WhatIsMissedIsNeverMadeUp, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Life life = any_life(random, true);
  for (std::size_t n = 0; n < life.rows.size(); ++n) {
    const auto slots = slots_of(life, n, life.until(n));
    for (int look = 0; look < 20; ++look) {
      const Timestamp as_of = life.from[n] + up_to(random, days(2));
      // Another row may come to the slot of this one: only what this one makes is looked at.
      if (as_of > life.until(n)) continue;
      for (const OverdueSlot& each : missing(slots, dates(life, as_of), as_of, seconds(1))) {
        const auto run = life.runs.find(each.slot.at);
        if (each.missed && run != life.runs.end()) RC_ASSERT(run->second > life.until(n));
      }
    }
  }
}

RC_GTEST_PROP(ExpectedSlotsProperty, EachSlotIsToldOnceWhereverOneBegins, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  for (const Trigger& row : any_history(random)) {
    const Timestamp from = kBegin - days(1), to = kEnd;
    const auto whole = *expected_slots(row, from, to, 100'000);
    RC_ASSERT(!whole.more);

    std::vector<Slot> in_parts, in_steps;
    for (Timestamp at = from; at < to;) {
      const auto part = *expected_slots(row, at, to, 1 + random() % 50);
      in_parts.insert(in_parts.end(), part.slots.begin(), part.slots.end());
      if (!part.more) break;
      at = part.slots.back().due;
    }
    TriggerClock clock = *TriggerClock::start(row, from);
    for (Timestamp at = from; at < to;) {
      at = std::min(to, at + up_to(random, hours(5)));
      const auto due = clock.take_due(at);
      in_steps.insert(in_steps.end(), due.begin(), due.end());
    }
    RC_ASSERT(in_parts == whole.slots);
    RC_ASSERT(in_steps == whole.slots);

    const Timestamp between = from + up_to(random, days(5));
    auto halves = expected_slots(row, from, between, 100'000)->slots;
    const auto rest = expected_slots(row, between, to, 100'000)->slots;
    halves.insert(halves.end(), rest.begin(), rest.end());
    RC_ASSERT(halves == whole.slots);
  }
}

RC_GTEST_PROP(ExpectedSlotsProperty, TheAnswerOnlyGrowsWithTheWatermark, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Life life = any_life(random, true);
  const auto slots = slots_of(life, 0, kEnd);
  const auto runs = dates(life, kBegin + up_to(random, days(4)));
  std::vector<OverdueSlot> before;
  for (Timestamp as_of = kBegin; as_of < kEnd; as_of += up_to(random, hours(9))) {
    const auto now = missing(slots, runs, as_of);
    for (const OverdueSlot& each : before)
      RC_ASSERT(std::any_of(now.begin(), now.end(), [&](const OverdueSlot& same) {
        return same.slot == each.slot && same.missed >= each.missed;
      }));
    before = now;
  }
}

}  // namespace
}  // namespace walpulse::monitor
