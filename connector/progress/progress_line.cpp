#include "connector/progress/progress_line.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace walpulse::connector {
namespace {

constexpr std::size_t kBarColumns = 20;

std::string bar(unsigned of_hundred) {
  const std::size_t full = of_hundred * kBarColumns / 100;
  return "[" + std::string(full, '#') + std::string(kBarColumns - full, '-') + "]";
}

}  // namespace

std::string clock_text(std::chrono::seconds time) {
  const auto all = std::max<std::int64_t>(0, time.count());
  char text[40];
  if (all < 3'600) {
    std::snprintf(text, sizeof text, "%d:%02d", static_cast<int>(all / 60),
                  static_cast<int>(all % 60));
  } else {
    std::snprintf(text, sizeof text, "%lld:%02d:%02d", static_cast<long long>(all / 3'600),
                  static_cast<int>(all / 60 % 60), static_cast<int>(all % 60));
  }
  return text;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

unsigned percent(std::uint64_t done, std::uint64_t total) {
  if (done >= total) return 100;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  return std::min(99u, static_cast<unsigned>(share * 100));  // what is not all of it is not 100
}

std::string progress_line(const std::string& work, const std::string& unit,
                          const WorkProgress& progress, const WorkPace& pace, std::size_t columns) {
  const auto rate = static_cast<std::uint64_t>(std::llround(std::max(0.0, pace.per_second)));
  std::string tail = grouped(progress.count) + " " + unit + "  " + grouped(rate) + "/s";
  std::string head = work;
  std::string drawn;
  if (progress.total) {
    const unsigned of_hundred = percent(progress.done, *progress.total);
    char text[8];
    std::snprintf(text, sizeof text, "%3u%%", of_hundred);
    drawn = " " + bar(of_hundred);
    head += drawn + " " + text;
    tail += "  ETA " + (pace.left ? clock_text(*pace.left) : std::string("-:--"));
  } else {
    tail += "  " + clock_text(pace.elapsed);
  }
  std::string line = head + "  " + tail;
  if (line.size() > columns && !drawn.empty()) line.erase(work.size(), drawn.size());
  line.resize(std::min(line.size(), columns));
  return line;
}

}  // namespace walpulse::connector
