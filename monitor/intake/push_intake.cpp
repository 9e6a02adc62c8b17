#include "monitor/intake/push_intake.h"

#include <utility>

#include "decoder/base/logging.h"
#include "publisher/pubsub/client.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

/// What the publisher sent along (https://cloud.google.com/pubsub/docs/open-telemetry-tracing),
/// else the request's own.
std::string traceparent_of(const pubsub::Message& message, std::string_view of_request) {
  for (const auto& [name, value] : message.attributes) {
    if (name == "googclient_traceparent" || name == "traceparent") return std::string(value);
  }
  return std::string(of_request);
}

/// Reading so many bytes takes about a millisecond.
constexpr std::size_t kLargeBodyBytesMin = 256u << 10;
constexpr std::size_t kLargeBodiesBytesMax = 32u << 20;
/// For room in the intake: others that are large wait behind it meanwhile.
constexpr std::chrono::seconds kLargePatience{5};

}  // namespace

PushIntake::PushIntake(Intake& intake, ProcessMetrics& metrics)
    : intake_(intake),
      metrics_(metrics),
      large_(kLargeBodiesBytesMax, [this](PushedBody body, const std::stop_token& stop) {
        read(std::move(body), Intake::Clock::now() + kLargePatience, stop);
      }) {}

void PushIntake::receive(const http::ServerRequest& request, http::Respond respond) {
  const bool large = request.body.size() >= kLargeBodyBytesMin;
  PushedBody body{std::move(request.body), std::string(request.traceparent), std::move(respond)};
  if (!large) return read(std::move(body), {}, {});
  if (large_.push(body)) return;
  refuse({ErrorKind::timed_out, "too many large bodies wait to be read"}, body.respond);
}

void PushIntake::read(PushedBody body, Intake::Clock::time_point deadline,
                      const std::stop_token& stop) {
  const telemetry::TraceScope request_trace(body.traceparent);
  const http::Respond& respond = body.respond;
  const std::size_t bytes = body.text.size();
  auto envelope = pubsub::parse_push_envelope(std::move(body.text));
  if (!envelope) {
    if (const auto held_back = invalid_log_.pass()) {
      SPDLOG_WARN("a pushed body is no pub/sub envelope bytes={} reason=\"{}\" more_like_it={}",
                  bytes, envelope.error().message, *held_back);
    }
    refuse(ProcessMetrics::Refusal::invalid, 400, "not a Pub/Sub push envelope\n", respond);
    return;
  }
  const std::string traceparent = traceparent_of(*envelope, body.traceparent);
  ReceivedMessage message{std::move(envelope->data), std::move(envelope->attributes),
                          std::move(envelope->message_id)};
  const auto taken = intake_.offer(
      message,
      [this, respond, traceparent](const Result<Outcome>& outcome) {
        if (!outcome) {
          refuse(outcome.error(), respond);
        } else if (*outcome == Outcome::deferred) {
          if (const auto held_back = deferred_log_.pass()) {
            const telemetry::TraceScope trace(traceparent);
            SPDLOG_ERROR(
                "a message has a schema version that this build does not know, "
                "it is refused until walpulse-monitor is upgraded more_like_it={}",
                *held_back);
          }
          metrics_.count_deferred();
          refuse(ProcessMetrics::Refusal::deferred, 503, "unknown schema version\n", respond);
        } else if (*outcome == Outcome::waits) {
          refuse(ProcessMetrics::Refusal::deferred, 503,
                 "its epoch is not introduced yet: try again\n", respond);
        } else {
          respond({204, "", ""});
        }
      },
      deadline, stop);
  if (!taken) refuse(taken.error(), respond);
}

void PushIntake::refuse(ProcessMetrics::Refusal refusal, int status, const char* text,
                        const http::Respond& respond) {
  metrics_.count(refusal);
  respond({status, "text/plain; charset=utf-8", text});
}

void PushIntake::refuse(const Error& error, const http::Respond& respond) {
  if (error.kind == ErrorKind::timed_out) {
    refuse(ProcessMetrics::Refusal::queue_full, 503, "busy: try again later\n", respond);
  } else {
    refuse(ProcessMetrics::Refusal::ledger_unavailable, 503,
           error.code == kLedgerLocked ? "the ledger is locked: try again later\n"
                                       : "the ledger does not answer: try again later\n",
           respond);
  }
}

}  // namespace walpulse::monitor
