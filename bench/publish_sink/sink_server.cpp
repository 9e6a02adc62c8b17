#include "bench/publish_sink/sink_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "bench/publish_sink/publish_reader.h"
#include "decoder/base/clock.h"
#include "decoder/base/timestamp.h"

namespace walpulse::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 128u << 10;  // Stays in the cache while it is looked through.

std::string answer(std::string_view body) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  return text;
}

/// As long as the service's own ids.
std::string message_ids(std::size_t count) {
  constexpr std::string_view kId = "\"1234567890123456\",";
  std::string body = "{\"messageIds\":[";
  body.reserve(body.size() + count * kId.size() + 2);
  for (std::size_t i = 0; i < count; ++i) body += kId;
  if (count != 0) body.pop_back();
  return body + "]}";
}

std::string json(const SinkCounts& counts) {
  return "{\"requests\":" + std::to_string(counts.requests) +
         ",\"messages\":" + std::to_string(counts.messages) +
         ",\"bytes\":" + std::to_string(counts.bytes) +
         ",\"first_at\":" + std::to_string(counts.first_at) +
         ",\"last_at\":" + std::to_string(counts.last_at) + "}";
}

std::string json(const std::vector<std::int64_t>& numbers) {
  std::string text = "[";
  for (const auto number : numbers) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text + "]";
}

class Server {
 public:
  explicit Server(const SinkOptions& options)
      : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(kReadBytes, '\0') {}

  int run() {
    if (!listen()) {
      std::perror("publish_sink: cannot listen on loopback; choose another --port");
      return 1;
    }
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, nullptr);
    const int stop = ::signalfd(-1, &stops, SFD_CLOEXEC);
    watch(stop);
    while (true) {
      epoll_event events[64];
      const int count = wait(events, 64);
      for (int i = 0; i < count; ++i) {
        const int descriptor = events[i].data.fd;
        if (descriptor == stop) return 0;
        if (descriptor == listener_) {
          accept();
        } else {
          receive(descriptor);
        }
      }
      answer_due();
    }
  }

 private:
  struct Connection {
    explicit Connection(bool keep_times, std::uint64_t given) : reader(keep_times), number(given) {}
    PublishReader reader;
    std::uint64_t number;  ///< Tells it from a later one with the same descriptor.
  };
  struct Late {
    Clock::time_point due;
    int descriptor;
    std::uint64_t connection;
    std::size_t message_count;
  };

  bool listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 128) != 0) return false;
    ::getsockname(listener_, plain, &size);
    watch(listener_);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return true;
  }

  void watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  int wait(epoll_event* events, int events_max) {
    if (late_.empty()) return ::epoll_wait(epoll_, events, events_max, -1);
    const auto left = std::max(late_.front().due - Clock::now(), Clock::duration::zero());
    const auto nanoseconds = std::chrono::nanoseconds(left).count();
    const timespec timeout{.tv_sec = nanoseconds / 1'000'000'000,
                           .tv_nsec = nanoseconds % 1'000'000'000};
    return ::epoll_pwait2(epoll_, events, events_max, &timeout, nullptr);
  }

  void accept() {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const int yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections_.insert_or_assign(
        descriptor, std::make_unique<Connection>(options_.keep_latencies, ++last_number_));
    watch(descriptor);
  }

  void receive(int descriptor) {
    Connection& connection = *connections_.at(descriptor);
    const auto size = ::recv(descriptor, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0) return;
    if (size == 0) {
      connections_.erase(descriptor);
      ::close(descriptor);
      return;
    }
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    counts_.bytes += bytes.size();
    while (!bytes.empty()) {
      if (connection.reader.feed(bytes)) take(descriptor, connection);
    }
  }

  void take(int descriptor, const Connection& connection) {
    const PublishReader::Request& request = connection.reader.request();
    if (request.path == "/counts") return send(descriptor, answer(json(counts_)));
    if (request.path == "/latencies") return send(descriptor, answer(json(counts_.latencies)));
    if (!request.path.ends_with(":publish")) {
      return send(descriptor, answer(R"({"permissions":["pubsub.topics.publish"]})"));
    }
    note(request);
    if (options_.delay.count() == 0) {
      return send(descriptor, answer(message_ids(request.message_count)));
    }
    late_.push_back(
        {Clock::now() + options_.delay, descriptor, connection.number, request.message_count});
  }

  void note(const PublishReader::Request& request) {
    const auto now = wall_clock();
    counts_.last_at = now.time_since_epoch().count();
    if (counts_.first_at == 0) counts_.first_at = counts_.last_at;
    ++counts_.requests;
    counts_.messages += request.message_count;
    for (const auto& time : request.times) {
      const auto committed = parse_timestamp(time);
      if (committed) counts_.latencies.push_back((now - *committed).count());
    }
  }

  void answer_due() {
    while (!late_.empty() && late_.front().due <= Clock::now()) {
      const Late late = late_.front();
      late_.pop_front();
      const auto found = connections_.find(late.descriptor);
      if (found == connections_.end() || found->second->number != late.connection) continue;
      send(late.descriptor, answer(message_ids(late.message_count)));
    }
  }

  /// An answer fits into the socket's buffer: a connection has one request at a time.
  static void send(int descriptor, const std::string& text) {
    std::string_view left = text;
    while (!left.empty()) {
      const auto sent = ::send(descriptor, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent < 0) return;
      left.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  const SinkOptions options_;
  const int epoll_;
  int listener_ = -1;
  std::uint64_t last_number_ = 0;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::deque<Late> late_;  ///< All wait equally long: the first in is the first out.
  std::string buffer_;
  SinkCounts counts_;
};

}  // namespace

int serve(const SinkOptions& options) { return Server(options).run(); }

}  // namespace walpulse::bench
