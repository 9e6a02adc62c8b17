#pragma once

#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>

// What several commands' reports say in the same words.
namespace walpulse::connector {

/// What every report of a gap ends with.
inline std::string gap_advice(const std::string& recover) {
  return "changes are lost to this capture. The one way on that keeps the counts whole: " + recover;
}

/// "56 B", "1.5 MiB".
inline std::string human_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < std::size(kUnits)) {
    amount /= 1024;
    ++unit;
  }
  char text[40];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits[unit]);
  return text;
}

}  // namespace walpulse::connector
