#include <CLI/CLI.hpp>

#include "bench/publish_sink/sink_server.h"

int main(int argc, char** argv) {
  walpulse::bench::SinkOptions options;
  double delay_ms = 0;
  CLI::App app(
      "Takes Pub/Sub publish requests on loopback as fast as it can and counts them.\n"
      "Prints its port; GET /counts and /latencies answer JSON. For the benchmarks.\n"
      "Example: publish_sink --delay-ms 20");
  app.add_option("--port", options.port, "0 = any free one");
  app.add_option("--delay-ms", delay_ms, "from a request's last byte to its answer");
  app.add_flag("--latencies", options.keep_latencies, "keep commit to receipt of each message");
  CLI11_PARSE(app, argc, argv);
  options.delay = std::chrono::microseconds(static_cast<std::int64_t>(delay_ms * 1000));
  return walpulse::bench::serve(options);
}
