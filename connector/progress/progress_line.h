#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace walpulse::connector {

/// How far a long piece of work is.
struct WorkProgress {
  std::uint64_t done = 0;              ///< Of `total`, in whatever unit tells how far it is.
  std::optional<std::uint64_t> total;  ///< Empty: nobody knows, as with `--follow`.
  std::uint64_t count = 0;             ///< What is counted, for people: events, rows.
  std::string where;                   ///< A position, for the log line; may be empty.
};

/// What the line says beside it.
struct WorkPace {
  double per_second = 0;
  std::optional<std::chrono::seconds> left = std::nullopt;
  std::chrono::seconds elapsed{0};
};

/// "replay [########------------]  42%  120,345 events  9,876/s  ETA 0:12", at most `columns` wide:
/// in a narrow terminal the bar goes first, then what is last. Without a total, no bar and the time
/// elapsed instead of what is left. Pure.
std::string progress_line(const std::string& work, const std::string& unit,
                          const WorkProgress& progress, const WorkPace& pace, std::size_t columns);

/// "0:07", "12:03", "1:02:03".
std::string clock_text(std::chrono::seconds time);
/// "1,234,567".
std::string grouped(std::uint64_t number);
/// 0 to 100, cut: 100 means all of it.
unsigned percent(std::uint64_t done, std::uint64_t total);

}  // namespace walpulse::connector
