#pragma once

#include "monitor/intake/intake.h"
#include "monitor/intake/large_bodies.h"
#include "monitor/intake/process_metrics.h"
#include "publisher/http/server.h"
#include "publisher/telemetry/log_limit.h"

namespace walpulse::monitor {

/// Takes what Pub/Sub, or the connector's direct push, posts: one message in its envelope
/// (https://cloud.google.com/pubsub/docs/push), answered when it is durable. 204 acknowledges, and
/// also what can never be applied: a refusal would make Pub/Sub back off the whole subscription.
/// 503 makes it come again; 400 is for bodies that are no envelope. Runs on the server's threads.
/// Large bodies are read on a thread of their own, and may wait a while for room in the intake.
class PushIntake {
 public:
  PushIntake(Intake& intake, ProcessMetrics& metrics);

  void receive(const http::ServerRequest& request, http::Respond respond);

 private:
  void read(PushedBody body, Intake::Clock::time_point deadline, const std::stop_token& stop);
  void refuse(ProcessMetrics::Refusal refusal, int status, const char* text,
              const http::Respond& respond);
  void refuse(const Error& error, const http::Respond& respond);

  Intake& intake_;
  ProcessMetrics& metrics_;
  telemetry::LogLimit invalid_log_{std::chrono::seconds(10)};
  telemetry::LogLimit deferred_log_{std::chrono::seconds(10)};
  LargeBodies large_;  ///< Ends before all that its thread needs.
};

}  // namespace walpulse::monitor
