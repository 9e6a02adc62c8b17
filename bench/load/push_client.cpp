#include "bench/load/push_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <string>

#include "bench/load/http_socket.h"
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
  explicit Pusher(const PushOptions& options) : options_(options), events_(::epoll_create1(0)) {
    for (std::uint64_t n = 0; n < options.events; ++n)
      requests_.push_back(request_of(mage_event(options.shape, options.first + n)));
    for (std::size_t i = 0; i < options.connections; ++i) {
      Connection& connection = connections_.emplace_back();
      connection.socket = connect_to(options.port);
      if (!connection.socket) figures_.broken = true;
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.u64 = i;
      ::epoll_ctl(events_.descriptor(), EPOLL_CTL_ADD, connection.socket.descriptor(), &wanted);
      idle_.push_back(i);
    }
  }

  PushFigures run() {
    const double cpu_before = cpu_seconds();
    begun_ = Clock::now();
    while (answered_ < requests_.size() && !figures_.broken) {
      send_what_is_due();
      receive();
    }
    figures_.seconds = since(begun_);
    figures_.cpu_seconds = cpu_seconds() - cpu_before;
    std::sort(figures_.waits_ms.begin(), figures_.waits_ms.end());
    return std::move(figures_);
  }

 private:
  struct Connection {
    Socket socket;
    HttpReader reader;
    Clock::time_point asked;
  };
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
      Connection& connection = connections_[idle_.front()];
      idle_.pop_front();
      connection.asked = when;
      if (!connection.socket.send_all(requests_[sent_++])) figures_.broken = true;
    }
  }

  int wait_ms() const {
    if (sent_ == requests_.size() || idle_.empty()) return 1000;
    const std::chrono::duration<double, std::milli> left = due(sent_) - Clock::now();
    return static_cast<int>(std::clamp(std::floor(left.count()), 0.0, 1000.0));
  }

  void receive() {
    epoll_event ready[256];
    const int count = ::epoll_wait(events_.descriptor(), ready, 256, wait_ms());
    for (int i = 0; i < count; ++i) receive(ready[i].data.u64);
  }

  void receive(std::size_t index) {
    constexpr std::size_t kPiece = 4096;
    Connection& connection = connections_[index];
    const auto received =
        ::recv(connection.socket.descriptor(), connection.reader.room(kPiece), kPiece, 0);
    if (received <= 0) {
      figures_.broken = true;
      return;
    }
    connection.reader.filled(static_cast<std::size_t>(received));
    while (const auto answer = connection.reader.next()) {
      if (!answer->first_line.starts_with("HTTP/1.1 204")) ++figures_.refused;
      figures_.waits_ms.push_back(since(connection.asked) * 1000);
      ++answered_;
      idle_.push_back(index);
    }
  }

  const PushOptions& options_;
  std::vector<std::string> requests_;
  std::deque<Connection> connections_;
  std::deque<std::size_t> idle_;
  Socket events_;  ///< epoll's
  Clock::time_point begun_;
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
  PushFigures figures_;
};

}  // namespace

PushFigures push_events(const PushOptions& options) { return Pusher(options).run(); }

}  // namespace walpulse::bench
