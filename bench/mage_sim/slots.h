#pragma once

#include <cstdint>
#include <string>

namespace walpulse::mage_sim {

/// When Mage makes the runs of a TIME trigger: its interval's slots, in UTC and Unix milliseconds.
/// An interval is @hourly, @daily, @monthly, or five cron fields (minute, hour, day, month,
/// weekday) of numbers, *, ranges, lists and steps. Where a day and a weekday are both named, both
/// must hold. A text of another form has no slots: the answer is 0.
std::int64_t slot_at_or_before(const std::string& interval, std::int64_t at_ms);
std::int64_t slot_after(const std::string& interval, std::int64_t at_ms);

}  // namespace walpulse::mage_sim
