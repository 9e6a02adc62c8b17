#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace walpulse::monitor {

/// Whom a problem concerns. The numbers are stored.
enum class Severity : std::uint8_t {
  page = 0,    ///< Somebody is to be woken.
  notify = 1,  ///< Somebody is to be told.
  record = 2,  ///< Shown, never told.
};
inline constexpr std::array<std::string_view, 3> kSeverityNames = {"page", "notify", "record"};

/// As rules, metrics and log lines name it.
constexpr std::string_view name_of(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}

}  // namespace walpulse::monitor
