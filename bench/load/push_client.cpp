#include "bench/load/push_client.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>

#include "bench/load/http_connections.h"
#include "decoder/base/json_text.h"
#include "publisher/pubsub/client.h"

namespace walpulse::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::string request_of(const MageEvent& event) {
  const std::string body = pubsub::push_envelope(event.data, event.attributes, "", event.message_id,
                                                 "projects/bench-project/subscriptions/monitor");
  std::string text =
      "POST /push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "User-Agent: CloudPubSub-Google\r\nContent-Length: ";
  append_decimal(body.size(), text);
  text += "\r\n\r\n";
  return text += body;
}

class Pusher {
 public:
  explicit Pusher(const PushOptions& options)
      : options_(options),
        connections_(options.port, options.connections),
        asked_(options.connections) {
    for (std::uint64_t n = 0; n < options.events; ++n)
      requests_.push_back(request_of(mage_event(options.shape, options.first + n)));
    for (std::size_t i = 0; i < options.connections; ++i) idle_.push_back(i);
  }

  PushFigures run() {
    const double cpu_before = cpu_seconds();
    begun_ = Clock::now();
    const auto take = [this](std::size_t connection, const HttpMessage& answer) {
      receive(connection, answer);
    };
    while (answered_ < requests_.size() && !connections_.broken()) {
      send_what_is_due();
      connections_.receive(wait_seconds(), take);
    }
    figures_.broken = connections_.broken();
    figures_.seconds = since(begun_);
    figures_.cpu_seconds = cpu_seconds() - cpu_before;
    std::sort(figures_.waits_ms.begin(), figures_.waits_ms.end());
    return std::move(figures_);
  }

 private:
  static double since(Clock::time_point begun) {
    return std::chrono::duration<double>(Clock::now() - begun).count();
  }

  Clock::time_point due(std::size_t request) const {
    if (options_.rate <= 0) return Clock::now();
    const std::chrono::duration<double> after(static_cast<double>(request) / options_.rate);
    return begun_ + std::chrono::duration_cast<Clock::duration>(after);
  }

  void send_what_is_due() {
    while (sent_ < requests_.size() && !idle_.empty()) {
      const auto when = due(sent_);
      if (when > Clock::now()) return;
      const std::size_t connection = idle_.front();
      idle_.pop_front();
      asked_[connection] = when;
      connections_.send(connection, requests_[sent_++]);
    }
  }

  double wait_seconds() const {
    if (sent_ == requests_.size() || idle_.empty()) return 1;
    return std::chrono::duration<double>(due(sent_) - Clock::now()).count();
  }

  void receive(std::size_t connection, const HttpMessage& answer) {
    if (!answer.first_line.starts_with("HTTP/1.1 204")) ++figures_.refused;
    figures_.waits_ms.push_back(since(asked_[connection]) * 1000);
    ++answered_;
    idle_.push_back(connection);
  }

  const PushOptions& options_;
  HttpConnections connections_;
  std::vector<Clock::time_point> asked_;  ///< Of each connection the request in flight.
  std::vector<std::string> requests_;
  std::deque<std::size_t> idle_;
  Clock::time_point begun_;
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
  PushFigures figures_;
};

}  // namespace

PushFigures push_events(const PushOptions& options) { return Pusher(options).run(); }

}  // namespace walpulse::bench
