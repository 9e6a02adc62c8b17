#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "monitor/export/metric_writer.h"
#include "monitor/ledger/ledger.h"

namespace walpulse::monitor {

struct ExportOptions {
  std::chrono::milliseconds interval{60'000};
};

/// Exports the ledger, at start time + n intervals, while this instance leads: begin, write,
/// finish. A failure is left to the next interval, whose points say all that the failed ones said.
class ExportLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Print = std::function<void(const std::string& line)>;

  /// `writer` may be null and `print` empty: then that part is left out. Both, and `ledger`, must
  /// outlive the loop; they are called on its thread, and on stop()'s.
  ExportLoop(Ledger& ledger, MetricWriter* writer, Print print, ExportOptions options,
             std::function<Timestamp()> now);
  ~ExportLoop();

  void start();
  /// Interrupts the write under way, then exports once more. The ledger leaves out what would come
  /// too soon after the last.
  void stop(Clock::time_point deadline);

  /// One round, as start()'s thread does it each interval.
  void export_once(Clock::time_point deadline, std::stop_token stop);
  std::string health() const;

 private:
  void run(std::stop_token stop);
  void write(Clock::time_point deadline, std::stop_token stop);
  void note(std::string trouble);

  Ledger& ledger_;
  MetricWriter* const writer_;
  const Print print_;
  const ExportOptions options_;
  const std::function<Timestamp()> now_;

  mutable std::mutex mutex_;
  std::condition_variable_any waiting_;
  std::string trouble_;
  std::jthread thread_;
};

}  // namespace walpulse::monitor
