#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::config {

/// No time is longer, so that an instant in microseconds, plus or minus one, still is one.
inline constexpr std::chrono::milliseconds kDurationMax = std::chrono::hours(1'000'000'000);

/// "500ms", "90s", "15m", "36h", "30d", and "0", which is the same in every unit. Malformed for
/// anything else: of another bare number nobody knows whether it means seconds.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "1048576", "512KiB", "16MiB", "1GiB".
Result<std::size_t> parse_bytes(std::string_view text);

/// A whole number without sign, at most `max`.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max);

/// "true" or "false".
Result<bool> parse_switch(std::string_view text);

/// "a,b" is two texts, as a flag given twice or an array of the file; nothing is trimmed.
std::vector<std::string> split_list(const std::string& text);

}  // namespace walpulse::config
