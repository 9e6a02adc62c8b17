#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/backoff.h"
#include "monitor/export/cloud_monitoring_answer.h"
#include "monitor/export/cloud_monitoring_request.h"
#include "monitor/export/metric_writer.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

struct CloudMonitoringOptions {
  std::string endpoint = "https://monitoring.googleapis.com";
  MonitoringTarget target;
  /// Google's own clients give these calls 12 s and leave the retries to the caller.
  std::chrono::milliseconds call_timeout{12'000};
  std::size_t attempts = 3;
  /// A call refused as a whole is split to find the culprit; so many further calls an export.
  std::size_t splits_max = 32;
  BackoffOptions backoff{std::chrono::milliseconds(200), 2, std::chrono::milliseconds(2000)};
};

/// Writes points to Cloud Monitoring; before the first, every descriptor, so that kinds, units and
/// names are ours. A call that may or may not have arrived is sent again: "older end time" is then
/// the sign that it had. A call that was refused is never sent again unchanged. No call outlasts
/// `exported.write_until`.
class CloudMonitoringWriter : public MetricWriter {
 public:
  using Clock = std::chrono::steady_clock;

  /// `http` and `tokens` must outlive it, `descriptors` are static.
  CloudMonitoringWriter(http::Client& http, auth::TokenSource& tokens,
                        CloudMonitoringOptions options,
                        std::vector<const telemetry::Descriptor*> descriptors);

  std::vector<ExportResult> write(const Export& exported, Clock::time_point deadline,
                                  std::stop_token stop) override;
  std::string health() const override;

 private:
  /// One write() under way.
  struct Run {
    const Export& exported;
    Clock::time_point deadline;
    std::stop_token stop;
    std::vector<ExportResult> results;
    std::size_t splits = 0;
    std::string failure;  ///< Why the service took nothing at all: no more calls then.
    ExportResult failure_result;

    /// By when the last call must have ended: where the lease ends, another instance writes.
    Clock::time_point until() const;
  };

  bool ensure_descriptors(Run& run);
  void write_call(Run& run, std::span<const std::size_t> which);
  void write_rest(Run& run, std::span<const std::size_t> which, const WriteAnswer& answer);
  WriteAnswer call(Run& run, std::span<const std::size_t> which);
  Result<http::Response> post(const Run& run, const char* collection, std::string_view body);
  void pause(std::chrono::milliseconds duration, std::stop_token stop);
  void conclude(const Run& run);

  http::Client& http_;
  auth::TokenSource& tokens_;
  const CloudMonitoringOptions options_;
  std::vector<const telemetry::Descriptor*> missing_descriptors_;

  mutable std::mutex mutex_;
  std::condition_variable_any paused_;
  std::string trouble_;
};

}  // namespace walpulse::monitor
