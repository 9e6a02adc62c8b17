// monitor_load: gives a monitor what Pub/Sub would, as fast as it takes it, and says how long that
// took, as one line of JSON.
//
//   monitor_load pull --events 500000          a subscription; prints "port N" when it may be asked
//   monitor_load push --port 8080 --events 100000 --connections 200

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "bench/load/http_socket.h"
#include "bench/load/push_client.h"
#include "bench/load/subscription.h"

namespace {

using namespace walpulse::bench;

void add_shape(CLI::App& command, EventShape& shape) {
  const auto add = [&](const char* name, std::size_t& value, const char* text) {
    command.add_option(name, value, text)
        ->check(CLI::Range(std::size_t{0}, std::size_t{100'000'000}))
        ->capture_default_str();
  };
  add("--pipelines", shape.pipelines, "how many pipelines");
  add("--columns", shape.more_columns, "columns beside Mage's");
  add("--labels", shape.labels, "labels of each event");
  add("--label-values", shape.label_values, "values of each label");
  add("--changes", shape.changes, "changes of each run");
  add("--spread", shape.spread, "runs under way at once");
}

int pull(const Subscription::Options& options, std::uint16_t port) {
  Subscription subscription(options);
  const double before = cpu_seconds();
  if (!serve_subscription(subscription, port)) {
    std::fprintf(stderr, "monitor_load: cannot listen on port %u\n", unsigned{port});
    return 1;
  }
  std::printf("{\"events\": %llu, \"seconds\": %.4f, \"cpu_seconds\": %.3f}\n",
              static_cast<unsigned long long>(subscription.acknowledged()), subscription.seconds(),
              cpu_seconds() - before);
  return 0;
}

int push(const PushOptions& options) {
  const PushFigures figures = push_events(options);
  if (figures.broken) {
    std::fprintf(stderr, "monitor_load: a connection to port %u was refused or lost\n",
                 unsigned{options.port});
    return 1;
  }
  const auto wait = [&](double part) {
    const auto& waits = figures.waits_ms;
    const auto place = std::ceil(part * static_cast<double>(waits.size()));
    return waits.empty() ? 0 : waits[static_cast<std::size_t>(std::max(place, 1.0)) - 1];
  };
  std::printf(
      "{\"events\": %zu, \"seconds\": %.4f, \"cpu_seconds\": %.3f, \"refused\": %llu, "
      "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
      figures.waits_ms.size(), figures.seconds, figures.cpu_seconds,
      static_cast<unsigned long long>(figures.refused), wait(0.5), wait(0.99), wait(1));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load for walpulse-monitor: events as the connector publishes them.");
  app.require_subcommand(1);
  Subscription::Options subscription;
  PushOptions pushes;
  std::uint16_t port = 0;

  CLI::App& pulled = *app.add_subcommand("pull", "be a subscription that a monitor pulls from");
  add_shape(pulled, subscription.shape);
  pulled.add_option("--events", subscription.events, "how many")->capture_default_str();
  pulled.add_option("--answer", subscription.messages_max, "messages in an answer")
      ->capture_default_str();
  pulled
      .add_option("--prepared-bytes", subscription.prepared_bytes_max,
                  "answers made before the first is asked for")
      ->capture_default_str();
  pulled.add_option("--port", port, "0 = any free one")->capture_default_str();

  CLI::App& pushed = *app.add_subcommand("push", "push to a monitor");
  add_shape(pushed, pushes.shape);
  pushed.add_option("--first", pushes.first, "number of the first event")->capture_default_str();
  pushed.add_option("--events", pushes.events, "how many")->capture_default_str();
  pushed.add_option("--connections", pushes.connections, "keep-alive connections")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}))
      ->capture_default_str();
  pushed.add_option("--rate", pushes.rate, "requests a second; 0 = as fast as they are answered")
      ->capture_default_str();
  pushed.add_option("--port", pushes.port, "the monitor's")->capture_default_str();

  CLI11_PARSE(app, argc, argv);
  return pulled.parsed() ? pull(subscription, port) : push(pushes);
}
