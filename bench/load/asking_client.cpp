#include "bench/load/asking_client.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <queue>
#include <utility>

#include "bench/load/http_connections.h"

namespace walpulse::bench {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration duration_of(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

class Asker {
 public:
  explicit Asker(const AskOptions& options)
      : options_(options),
        connections_(options.port, options.connections),
        askers_(options.connections) {
    fields_ = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n";
    if (options.takes_gzip) fields_ += "Accept-Encoding: gzip, deflate, br\r\n";
    for (std::size_t i = 0; i < askers_.size(); ++i) {
      askers_[i].tags.resize(options.targets.size());
      if (!is_page()) askers_[i].target = i % options.targets.size();
    }
  }

  AskFigures run() {
    const double cpu_before = cpu_seconds();
    const auto begun = Clock::now();
    end_ = begun + duration_of(options_.seconds);
    // Pages were not all opened in the same moment.
    const double spacing = options_.every / static_cast<double>(askers_.size());
    for (std::size_t i = 0; i < askers_.size(); ++i)
      due_.emplace(begun + duration_of(spacing * static_cast<double>(i)), i);
    const auto take = [this](std::size_t connection, const HttpMessage& answer) {
      receive(connection, answer);
    };
    while (!connections_.broken() && (Clock::now() < end_ || in_flight_ > 0)) {
      send_what_is_due();
      connections_.receive(wait_seconds(), take);
    }
    figures_.seconds = seconds_between(begun, Clock::now());
    figures_.cpu_seconds = cpu_seconds() - cpu_before;
    figures_.broken = connections_.broken();
    std::sort(figures_.waits_ms.begin(), figures_.waits_ms.end());
    return std::move(figures_);
  }

 private:
  struct One {
    std::size_t target = 0;
    Clock::time_point round, asked;
    std::vector<std::string> tags;
  };
  using Due = std::pair<Clock::time_point, std::size_t>;

  bool is_page() const { return options_.every > 0; }

  void send_what_is_due() {
    while (!due_.empty() && due_.top().first <= Clock::now() && Clock::now() < end_) {
      const auto [when, connection] = due_.top();
      due_.pop();
      One& one = askers_[connection];
      one.round = when;
      send(connection, is_page() ? when : Clock::now());
    }
  }

  double wait_seconds() const {
    const auto now = Clock::now();
    if (now >= end_ || due_.empty()) return std::max(seconds_between(now, end_), 0.1);
    return seconds_between(now, std::min(due_.top().first, end_));
  }

  void send(std::size_t connection, Clock::time_point asked) {
    One& one = askers_[connection];
    one.asked = asked;
    ++in_flight_;
    request_ = "GET ";
    const std::string& target = options_.targets[one.target];
    const std::size_t mark = target.find("{n}");
    request_.append(target, 0, mark);
    ++number_;
    if (mark != std::string::npos)
      request_.append(std::to_string(number_)).append(target, mark + 3);
    request_ += fields_;
    const std::string& tag = one.tags[one.target];
    if (!tag.empty()) request_.append("If-None-Match: ").append(tag).append("\r\n");
    request_ += "\r\n";
    connections_.send(connection, request_);
  }

  void receive(std::size_t connection, const HttpMessage& answer) {
    One& one = askers_[connection];
    const auto now = Clock::now();
    --in_flight_;
    figures_.waits_ms.push_back(seconds_between(one.asked, now) * 1000);
    note(answer);
    if (options_.keeps_tags) {
      const std::string_view tag = header_of(answer.head, "ETag");
      if (!tag.empty()) one.tags[one.target] = tag;
    }
    one.target = (one.target + 1) % options_.targets.size();
    const bool goes_on = is_page() ? one.target != 0 : now < end_;
    if (goes_on) return send(connection, now);
    if (is_page()) due_.emplace(one.round + duration_of(options_.every), connection);
  }

  void note(const HttpMessage& answer) {
    constexpr std::size_t kStatusAt = 9;
    const std::string_view status =
        answer.first_line.substr(std::min(kStatusAt, answer.first_line.size())).substr(0, 3);
    const auto at = figures_.statuses.try_emplace(std::string(status), 0).first;
    ++at->second;
    figures_.bytes += answer.body.size();
    if (status != "200") return;
    figures_.bytes_max = std::max(figures_.bytes_max, answer.body.size());
    const bool first = at->second == 1;
    figures_.bytes_least =
        first ? answer.body.size() : std::min(figures_.bytes_least, answer.body.size());
  }

  const AskOptions& options_;
  HttpConnections connections_;
  std::vector<One> askers_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::string fields_, request_;
  Clock::time_point end_;
  std::uint64_t number_ = 100'000;  ///< Every request is as long as the others.
  std::size_t in_flight_ = 0;
  AskFigures figures_;
};

}  // namespace

AskFigures ask_for(const AskOptions& options) { return Asker(options).run(); }

}  // namespace walpulse::bench
