#include "connector/capture/connector_http.h"

#include "connector/capture/readiness.h"
#include "decoder/base/clock.h"
#include "publisher/telemetry/connector_metrics.h"

namespace walpulse::connector {
namespace {

/// Without a stream nothing is known of a lag, and none of the heartbeat's states holds.
bool needs_stream(const telemetry::Metric& metric) {
  const std::string_view name = metric.descriptor->name;
  return name == "connector/state" || name.starts_with("connector/lag_");
}

telemetry::Metric counter(const telemetry::Descriptor& descriptor, const ConnectorStatus& status,
                          std::uint64_t count) {
  const auto& instance = status.instance;
  return {&descriptor,
          {{{}, instance.name, instance.started_at, static_cast<std::int64_t>(count)}}};
}

/// Told by the connector alone, as the next one: no heartbeat carries it.
telemetry::Metric unreadable_labels(const ConnectorStatus& status) {
  static const telemetry::Descriptor descriptor{
      "connector/unreadable_label_count",
      "Labels left out",
      "Labels left out of events because their values could not be read.",
      "1",
      telemetry::Descriptor::Kind::cumulative,
      telemetry::Descriptor::ValueType::int64,
      {}};
  return counter(descriptor, status, status.stream.label_fault_count);
}

telemetry::Metric withheld_values(const ConnectorStatus& status) {
  static const telemetry::Descriptor descriptor{
      "connector/withheld_value_count",
      "Values withheld",
      "Values that stayed home because their columns' types are gone and may have held JSON.",
      "1",
      telemetry::Descriptor::Kind::cumulative,
      telemetry::Descriptor::ValueType::int64,
      {}};
  return counter(descriptor, status, status.stream.withheld_count);
}

std::string metrics_text(const ConnectorStatus& status, Timestamp wall_clock) {
  using State = StreamStatus::State;
  auto metrics = telemetry::connector_metrics(heartbeat_of(status, wall_clock));
  const State state = status.stream.state;
  if (state != State::streaming && state != State::parked && state != State::stopping) {
    std::erase_if(metrics, needs_stream);
  }
  metrics.push_back(unreadable_labels(status));
  metrics.push_back(withheld_values(status));
  return telemetry::prometheus_text({wall_clock, std::move(metrics)});
}

}  // namespace

http::ServerResponse answer_probe(std::string_view method, std::string_view path,
                                  const ConnectorStatus& status, Clock::time_point now,
                                  Timestamp wall_clock) {
  if (method != "GET" && method != "HEAD") return {.status = 405, .body = "only GET\n"};
  if (path == "/liveness") return {.body = "alive\n"};
  if (path == "/readiness") {
    const Readiness answer = readiness(status, now);
    return {.status = answer.ready ? 200 : 503, .body = answer.reason + "\n"};
  }
  if (path == "/health") {
    return {.content_type = "application/json", .body = health_json(status, now)};
  }
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = metrics_text(status, wall_clock)};
  }
  return {.status = 404, .body = "try /liveness /readiness /health /metrics\n"};
}

Result<std::unique_ptr<http::Server>> serve_probes(const http::ServerOptions& options,
                                                   const SharedStatus& board) {
  return http::Server::start(options, [&board](const http::ServerRequest& request,
                                               const http::Respond& respond) {
    respond(answer_probe(request.method, request.path, board.read(), Clock::now(), wall_clock()));
  });
}

}  // namespace walpulse::connector
