#include "bench/load/subscription.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <list>
#include <stop_token>
#include <thread>

#include "bench/load/http_socket.h"
#include "decoder/base/json_text.h"
#include "publisher/pubsub/client.h"

namespace walpulse::bench {
namespace {

/// As long as the service's own are.
constexpr std::string_view kAckIdTail =
    "UAYWLF1GSFE3GQhoUQ5PXiM_NSAoRRIJB08CKF15MU0sQVhwaFENGXJ9YHxrXxsIUEECUHpZURsHaE5tdR-J5pDdSl9r"
    "WxMIBUNSeV5cGgZrXFZ0BFj0nMqfwr9jdENYIAR";

void append_received(const MageEvent& event, std::uint64_t n, std::string& body) {
  body += "{\"ackId\":\"";
  append_decimal(n, body);
  body += kAckIdTail;
  body += "\",\"message\":";
  pubsub::append_publish_message(body, event.data, event.attributes, "");
  body.back() = ',';  // The message goes on.
  body +=
      "\"messageId\":\"" + event.message_id + "\",\"publishTime\":\"2026-11-21T12:00:00.123Z\"}}";
}

std::string answer(std::string_view body) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
  append_decimal(body.size(), text);
  text += "\r\n\r\n";
  text += body;
  return text;
}

/// Ids are the only text of the body beside its one name.
std::size_t count_ids(std::string_view body) {
  const auto quotes = static_cast<std::size_t>(std::count(body.begin(), body.end(), '"'));
  return quotes < 4 ? 0 : quotes / 2 - 1;
}

std::string respond(Subscription& subscription, const HttpMessage& request) {
  if (request.first_line.find(":pull ") != std::string_view::npos) {
    std::string body = subscription.pull();
    if (!body.empty()) return body;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // as a long poll would
  } else if (request.first_line.find(":acknowledge ") != std::string_view::npos) {
    subscription.acknowledge(count_ids(request.body));
  }
  return answer("{}");
}

void serve(Subscription& subscription, const Socket& socket) {
  constexpr std::size_t kPiece = 256u << 10;
  HttpReader reader;
  while (true) {
    const auto received = ::recv(socket.descriptor(), reader.room(kPiece), kPiece, 0);
    if (received <= 0) return;
    reader.filled(static_cast<std::size_t>(received));
    while (const auto request = reader.next())
      if (!socket.send_all(respond(subscription, *request))) return;
  }
}

}  // namespace

Subscription::Subscription(Options options) : options_(options) {
  std::size_t bytes = 0;
  for (std::uint64_t n = 0; n < options_.events && bytes < options_.prepared_bytes_max;
       n += options_.messages_max) {
    prepared_.push_back(make(n));
    bytes += prepared_.back().size();
  }
}

std::string Subscription::make(std::uint64_t first) const {
  const std::uint64_t end = std::min(first + options_.messages_max, options_.events);
  std::string body = "{\"receivedMessages\":[";
  for (std::uint64_t n = first; n < end; ++n) {
    if (n != first) body += ',';
    append_received(mage_event(options_.shape, n), n, body);
  }
  return answer(body += "]}");
}

std::string Subscription::pull() {
  std::uint64_t first = 0;
  {
    const std::lock_guard lock(mutex_);
    if (given_ == 0) begun_ = Clock::now();
    if (given_ >= options_.events) return {};
    first = given_;
    given_ += options_.messages_max;
  }
  const std::size_t place = first / options_.messages_max;
  return place < prepared_.size() ? std::move(prepared_[place]) : make(first);
}

void Subscription::acknowledge(std::size_t messages) {
  const std::lock_guard lock(mutex_);
  acknowledged_ += messages;
  last_ = Clock::now();
}

bool Subscription::done() const { return acknowledged() >= options_.events; }

std::uint64_t Subscription::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

double Subscription::seconds() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::duration<double>(last_ - begun_).count();
}

bool serve_subscription(Subscription& subscription, std::uint16_t port) {
  const Socket listener = listen_on(port);
  if (!listener) return false;
  std::printf("port %u\n", unsigned{port_of(listener)});
  std::fflush(stdout);
  std::list<Socket> connections;
  std::list<std::jthread> threads;
  std::jthread ending([&](const std::stop_token&) {
    while (!subscription.done()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::shutdown(listener.descriptor(), SHUT_RDWR);
  });
  while (true) {
    const int accepted = ::accept(listener.descriptor(), nullptr, nullptr);
    if (accepted < 0) break;
    const Socket& socket = connections.emplace_back(accepted);
    threads.emplace_back([&] { serve(subscription, socket); });
  }
  for (const Socket& socket : connections) ::shutdown(socket.descriptor(), SHUT_RDWR);
  return true;
}

}  // namespace walpulse::bench
