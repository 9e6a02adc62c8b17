#include "monitor/intake/push_intake.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "publisher/gcp/pubsub_client.h"
#include "publisher/gcp/trace_context.h"

namespace walpulse::monitor {
namespace {

/// What the publisher sent along (https://cloud.google.com/pubsub/docs/open-telemetry-tracing),
/// else the request's own.
std::string traceparent_of(const gcp::PubsubMessage& message, std::string_view of_request) {
  for (const auto& [name, value] : message.attributes) {
    if (name == "googclient_traceparent" || name == "traceparent") return value;
  }
  return std::string(of_request);
}

}  // namespace

using Refusal = ProcessMetrics::Refusal;

void PushIntake::receive(const gcp::ServerRequest& request, gcp::Respond respond) {
  const gcp::TraceScope request_trace(request.traceparent);
  const std::size_t bytes = request.body.size();
  auto envelope = gcp::parse_push_envelope(std::move(request.body));
  if (!envelope) {
    if (const auto held_back = invalid_log_.pass()) {
      SPDLOG_WARN("a pushed body is no pub/sub envelope bytes={} reason=\"{}\" more_like_it={}",
                  bytes, envelope.error().message, *held_back);
    }
    refuse(Refusal::invalid, 400, "not a Pub/Sub push envelope\n", respond);
    return;
  }
  const std::string traceparent = traceparent_of(*envelope, request.traceparent);
  Incoming message{std::move(envelope->data), std::move(envelope->attributes),
                   std::move(envelope->message_id)};
  const auto taken =
      intake_.offer(message, [this, respond, traceparent](const Result<Outcome>& outcome) {
        if (!outcome) {
          refuse(outcome.error(), respond);
        } else if (*outcome == Outcome::deferred) {
          if (const auto held_back = deferred_log_.pass()) {
            const gcp::TraceScope trace(traceparent);
            SPDLOG_ERROR(
                "a message has a schema version that this build does not know, "
                "it is refused until walpulse-monitor is upgraded more_like_it={}",
                *held_back);
          }
          metrics_.count_deferred();
          refuse(Refusal::deferred, 503, "unknown schema version\n", respond);
        } else {
          respond({204, "", ""});
        }
      });
  if (!taken) refuse(taken.error(), respond);
}

void PushIntake::refuse(Refusal refusal, int status, const char* text,
                        const gcp::Respond& respond) {
  metrics_.count(refusal);
  respond({status, "text/plain; charset=utf-8", text});
}

void PushIntake::refuse(const Error& error, const gcp::Respond& respond) {
  if (error.kind == ErrorKind::timed_out) {
    refuse(Refusal::queue_full, 503, "busy: try again later\n", respond);
  } else {
    refuse(Refusal::ledger_unavailable, 503, "the ledger does not answer: try again later\n",
           respond);
  }
}

}  // namespace walpulse::monitor
