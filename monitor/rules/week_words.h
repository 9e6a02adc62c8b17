#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::rules {

// The words of which times of a week are written.

inline constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu",
                                                          "Fri", "Sat", "Sun"};
inline constexpr std::uint16_t kMinutesOfDay = 24 * 60;

/// By day, Monday first.
using DaySet = std::array<bool, 7>;

/// "Mon", "Mon-Fri", "Sat,Sun"; "Sat-Mon" goes over the week's end. Malformed with what is wrong,
/// the text in it.
Result<DaySet> read_days(std::string_view text);

/// Minutes since midnight of "07:00"; nothing where it is none.
std::optional<std::uint16_t> minute_of_day(std::string_view text);

/// "07:00", of minutes since midnight.
std::string time_of_day(int minute);

/// Never empty.
std::vector<std::string_view> split_at(std::string_view text, char separator);

}  // namespace walpulse::rules
