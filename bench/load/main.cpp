// monitor_load: gives a monitor what Pub/Sub would, as fast as it takes it, and says how long that
// took, as one line of JSON.
//
//   monitor_load pull --events 500000          a subscription; prints "port N" when it may be asked
//   monitor_load push --port 8080 --events 100000 --connections 200
//   monitor_load ask --port 8080 --targets FILE    reads what it serves; any server's of this
//   machine

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "bench/load/asking_client.h"
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

/// Of what is sorted: what so great a part of it is not above.
double part_of(const std::vector<double>& sorted, double part) {
  const auto place = std::ceil(part * static_cast<double>(sorted.size()));
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(std::max(place, 1.0)) - 1];
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
  std::printf(
      "{\"events\": %zu, \"seconds\": %.4f, \"cpu_seconds\": %.3f, \"refused\": %llu, "
      "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
      figures.waits_ms.size(), figures.seconds, figures.cpu_seconds,
      static_cast<unsigned long long>(figures.refused), part_of(figures.waits_ms, 0.5),
      part_of(figures.waits_ms, 0.99), part_of(figures.waits_ms, 1));
  return 0;
}

bool read_lines(const std::string& path, std::vector<std::string>& lines) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) lines.push_back(line);
  return !lines.empty();
}

int ask(AskOptions options, const std::string& targets) {
  if (!read_lines(targets, options.targets)) {
    std::fprintf(stderr, "monitor_load: no target in %s\n", targets.c_str());
    return 1;
  }
  const AskFigures figures = ask_for(options);
  if (figures.broken) {
    std::fprintf(stderr, "monitor_load: a connection to port %u was refused or lost\n",
                 unsigned{options.port});
    return 1;
  }
  std::string statuses;
  for (const auto& [status, count] : figures.statuses)
    statuses += (statuses.empty() ? "\"" : ", \"") + status + "\": " + std::to_string(count);
  std::printf(
      "{\"requests\": %zu, \"seconds\": %.4f, \"cpu_seconds\": %.3f, \"statuses\": {%s}, "
      "\"bytes\": %zu, \"bytes_least\": %zu, \"bytes_max\": %zu, "
      "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
      figures.waits_ms.size(), figures.seconds, figures.cpu_seconds, statuses.c_str(),
      figures.bytes, figures.bytes_least, figures.bytes_max, part_of(figures.waits_ms, 0.5),
      part_of(figures.waits_ms, 0.99), part_of(figures.waits_ms, 1));
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

  AskOptions questions;
  std::string targets;
  CLI::App& asked = *app.add_subcommand("ask", "ask a server on this machine");
  asked
      .add_option("--targets", targets,
                  "a file: a path with its query on each line; {n} is a number of its own")
      ->required();
  asked.add_option("--connections", questions.connections, "keep-alive connections")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}))
      ->capture_default_str();
  asked.add_option("--seconds", questions.seconds, "how long")->capture_default_str();
  asked
      .add_option("--every", questions.every,
                  "seconds between the rounds of an open page, which asks for every target; "
                  "0 = again as soon as it is answered")
      ->capture_default_str();
  asked.add_flag("--tags", questions.keeps_tags, "send If-None-Match");
  asked.add_flag("--gzip", questions.takes_gzip, "take compressed answers");
  asked.add_option("--port", questions.port, "the server's")->capture_default_str();

  CLI11_PARSE(app, argc, argv);
  if (asked.parsed()) return ask(questions, targets);
  return pulled.parsed() ? pull(subscription, port) : push(pushes);
}
