#include "connector/session/sink_start.h"

#include <poll.h>
#include <unistd.h>

#include "decoder/base/logging.h"

namespace walpulse::connector {

Result<std::unique_ptr<publisher::Sink>> start_sink(const PublishOptions& options) {
  publisher::SinkOptions sink_options;
  sink_options.push_audience = options.push_audience;
  auto sink = publisher::make_sink(options.to, sink_options);
  if (!sink) return sink;
  const auto reachable = (*sink)->check();
  if (reachable) return sink;
  const ErrorKind kind = reachable.error().kind;
  if (kind != ErrorKind::unavailable && kind != ErrorKind::timed_out) {
    return forward(reachable);
  }
  SPDLOG_WARN("the sink does not answer yet sink={} reason={}", (*sink)->name(),
              to_string(reachable.error()));
  return sink;
}

bool stdout_closed() {
  pollfd polled{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLERR) != 0;
}

}  // namespace walpulse::connector
