#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace walpulse::monitor::messages {

/// So many characters of a name, and of a text like an error, are shown.
inline constexpr std::size_t kNameLengthMax = 120;
inline constexpr std::size_t kTextLengthMax = 400;

/// A text of somebody else's as it may stand in a line of ours: UTF-8, no line break, no control
/// character, nothing that turns the direction of writing round or is not seen; at most
/// `length_max` characters, then "...". Never empty: "(no name)".
std::string cleaned(std::string_view text, std::size_t length_max = kNameLengthMax);

/// "45 s", "12 min", "5 h 8 min", "3 d 2 h": two units at most, the lower one cut. Negative: "0 s".
std::string lasted(std::chrono::microseconds duration);

/// "1st", "2nd", "3rd", "11th".
std::string ordinal(std::uint64_t number);

/// "1 run", "3 runs".
std::string counted(std::uint64_t number, std::string_view noun);

/// "a, b, c, ... (6)": the count of all where not all are named. Cleaned.
std::string named(std::span<const std::string> names, std::size_t count_max);

}  // namespace walpulse::monitor::messages
