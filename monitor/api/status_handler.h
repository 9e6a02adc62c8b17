#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/api/health.h"
#include "monitor/intake/process_metrics.h"
#include "monitor/ledger/ledger.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// What the board asks the rest of the monitor; called from the board's thread.
struct StatusProbes {
  std::function<Health()> health;
  std::function<std::size_t()> queue_bytes;
  std::function<Timestamp()> now;
  /// Of this process, beside what ProcessMetrics counts; may be empty.
  std::function<std::vector<telemetry::Metric>()> metrics = {};
};

/// Answers /readiness, /health and /metrics from the ledger, on a thread of its own:
/// server threads must not wait for it. Of the instances that share a ledger the leader alone shows
/// the ledger's series on /metrics, or a scraper of all would count them twice. What was read
/// serves for a second, so that no number of scrapes hammers the ledger.
class StatusHandler {
 public:
  enum class View { readiness, health, metrics };

  StatusHandler(Ledger& ledger, const ProcessMetrics& process, StatusProbes probes,
                std::string description);
  /// Answers what waits with 503.
  ~StatusHandler();

  /// 503 at once where too many wait already.
  void ask(View view, http::Respond respond);

 private:
  struct Question {
    View view;
    http::Respond respond;
  };
  struct Seen {
    std::chrono::steady_clock::time_point at;
    Health health;
    telemetry::MetricFamilies snapshot;
    telemetry::MetricFamilies process;
    Leadership leadership;
  };

  void run();
  const Seen& look();
  http::ServerResponse answer(View view);
  std::string health(const Seen& seen) const;
  static std::string metrics(const Seen& seen);

  Ledger& ledger_;
  const ProcessMetrics& process_;
  const StatusProbes probes_;
  const std::string description_;
  std::unique_ptr<Seen> seen_;  // The thread's own.

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> questions_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace walpulse::monitor
