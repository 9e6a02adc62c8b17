#include "connector/progress/progress_report.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "decoder/base/logging.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrawInterval = 200ms;
constexpr auto kLogInterval = 10s;
/// Carriage return, the line, "erase to the end" (ECMA-48 EL), and back: a log line that comes in
/// between begins where the line does.
constexpr const char* kDrawn = "\r%s\x1b[K\r";

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 79;
  return size.ws_col - 1u;  // a full line would wrap
}

}  // namespace

ProgressReport::ProgressReport(std::string work, std::string unit, Outlet outlet,
                               Clock::time_point now)
    : work_(std::move(work)),
      unit_(std::move(unit)),
      outlet_(std::move(outlet)),
      began_at_(now),
      rate_(now),
      due_at_(now + (outlet_.terminal ? Clock::duration(kDrawInterval) : kLogInterval)) {}

ProgressReport::~ProgressReport() { clear(); }

void ProgressReport::clear() {
  if (drawn_) outlet_.draw("");
  drawn_ = false;
}

void ProgressReport::update(const WorkProgress& progress, Clock::time_point now) {
  if (!due(now)) return;
  due_at_ = now + (outlet_.terminal ? Clock::duration(kDrawInterval) : kLogInterval);
  rate_.sample(progress.done, progress.count, now);
  WorkPace pace;
  pace.per_second = rate_.per_second();
  if (progress.total) pace.left = rate_.left(*progress.total);
  pace.elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - began_at_);
  if (outlet_.terminal) {
    outlet_.draw(progress_line(work_, unit_, progress, pace, outlet_.columns));
    drawn_ = true;
  } else {
    outlet_.log(log_line(progress, pace));
  }
}

std::string ProgressReport::log_line(const WorkProgress& progress, const WorkPace& pace) const {
  std::string line = work_ + " goes on";
  if (progress.total) line += " percent=" + std::to_string(percent(progress.done, *progress.total));
  line += " " + unit_ + "=" + std::to_string(progress.count) +
          " rate=" + std::to_string(std::llround(pace.per_second));
  if (pace.left) line += " left_seconds=" + std::to_string(pace.left->count());
  if (!progress.where.empty()) line += " position=" + progress.where;
  return line;
}

ProgressReport::Outlet ProgressReport::stderr_outlet() {
  return {.terminal = ::isatty(STDERR_FILENO) != 0,
          .columns = terminal_columns(),
          .draw =
              [](const std::string& line) {
                std::fprintf(stderr, kDrawn, line.c_str());
                std::fflush(stderr);
              },
          .log = [](const std::string& line) { SPDLOG_INFO("{}", line); }};
}

}  // namespace walpulse::connector
