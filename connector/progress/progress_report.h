#pragma once

#include <functional>
#include <optional>
#include <string>

#include "connector/progress/progress_line.h"
#include "connector/progress/work_rate.h"

namespace walpulse::connector {

/// Tells how long work is getting on: on a terminal a line that is drawn over itself, at most five
/// times a second; elsewhere a log line every 10 s. On stderr either way: stdout may carry events.
/// One thread.
class ProgressReport {
 public:
  using Clock = WorkRate::Clock;
  /// Where it is told; by default stderr and the log.
  struct Outlet {
    bool terminal = false;
    std::size_t columns = 80;
    std::function<void(const std::string& line)> draw;  ///< Over the line drawn before.
    std::function<void(const std::string& line)> log;
  };

  /// `work` ("replay") and what it counts ("events").
  ProgressReport(std::string work, std::string unit, Outlet outlet = stderr_outlet(),
                 Clock::time_point now = Clock::now());
  /// Leaves nothing of the line behind.
  ~ProgressReport();
  ProgressReport(const ProgressReport&) = delete;
  ProgressReport& operator=(const ProgressReport&) = delete;

  /// Cheap enough to be called often: tells only where it is time to.
  void update(const WorkProgress& progress, Clock::time_point now);
  /// Whether update() would tell anything: spares the caller collecting it.
  bool due(Clock::time_point now) const { return now >= due_at_; }
  /// Takes the line off the terminal, where a summary is to follow.
  void clear();

  static Outlet stderr_outlet();

 private:
  std::string log_line(const WorkProgress& progress, const WorkPace& pace) const;

  const std::string work_;
  const std::string unit_;
  const Outlet outlet_;
  const Clock::time_point began_at_;
  WorkRate rate_;
  Clock::time_point due_at_;
  bool drawn_ = false;
};

}  // namespace walpulse::connector
