#include "connector/capture/connector_http.h"

#include "connector/capture/readiness.h"
#include "publisher/gcp/connector_metrics.h"

namespace walpulse::connector {

gcp::ServerResponse answer_probe(std::string_view method, std::string_view path,
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
    const auto beat = heartbeat_of(status, wall_clock);
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = gcp::prometheus_text({wall_clock, gcp::connector_metrics(beat)})};
  }
  return {.status = 404, .body = "try /liveness /readiness /health /metrics\n"};
}

Result<std::unique_ptr<gcp::HttpServer>> serve_probes(const gcp::ServerOptions& options,
                                                      const StatusBoard& board) {
  return gcp::HttpServer::start(options, [&board](const gcp::ServerRequest& request,
                                                  const gcp::Respond& respond) {
    respond(answer_probe(
        request.method, request.path, board.read(), Clock::now(),
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())));
  });
}

}  // namespace walpulse::connector
