#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>

namespace walpulse::http {

/// What a connection is at.
enum class Stage {
  head,     ///< It has not sent a whole head yet.
  idle,     ///< It is between two requests.
  body,     ///< It sends a body.
  answer,   ///< It takes its answer.
  waiting,  ///< It waits for our answer, for as long as that takes.
};

struct ConnectionLimits {
  std::size_t standing_max = 0;  ///< More: one is given up for each newcomer.
  /// Those that are shut down and not closed yet are counted here too. More: newcomers are refused.
  std::size_t open_max = 0;
  std::chrono::milliseconds head_grace{};  ///< Who came so lately may be about to send its head.
  std::chrono::milliseconds head{};
  std::chrono::milliseconds idle{};
  std::chrono::milliseconds transfer{};  ///< Of a body, and again of an answer.
};

/// The connections of a server: how long each may stay where it is, and which one goes when there
/// are too many. A limit on silence alone is met by one byte now and then ("slow loris"), and a
/// limit on their number alone lets a silent crowd keep everybody else out. Shuts sockets down;
/// closing them stays with their owner. Thread-safe.
class Connections {
 public:
  using Clock = std::chrono::steady_clock;
  class Connection;

  explicit Connections(ConnectionLimits limits);

  /// Whether one more socket may be opened.
  bool has_room() const;
  /// It is at its head. Where there are too many, another is shut down for it: the oldest that has
  /// sent no head in `head_grace`, else the one that has been longest at what it is at. Never one
  /// that waits for us: where all do, it is the newcomer that goes.
  Connection* open(int socket);
  /// Its time in the stage begins, unless it is there already. Connections may be null, here and
  /// below: they have no deadline.
  void enter(Connection* connection, Stage stage);
  /// Before its socket is closed.
  void close(Connection* connection);

  /// Shuts down what is late, until stopped. A thread's work.
  void watch(std::stop_token stop);

  /// Every connection is late from now on, those that wait for us as soon as they have their
  /// answer. Returns when all are closed, or after `wait`.
  void end(std::chrono::milliseconds wait);

 private:
  static constexpr std::size_t kTimedStages = 4;  ///< All before Stage::waiting.

  void list(Connection& connection);
  void leave(Connection& connection);
  void shut_down(Connection& connection);
  bool give_up_one();
  std::optional<std::uint64_t> count_given_up(Clock::time_point now);

  const ConnectionLimits limits_;
  const std::array<std::chrono::milliseconds, kTimedStages> times_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  /// Each in the order of coming, which is that of deadlines: all in a stage have the same time.
  std::array<std::list<Connection*>, kTimedStages> stages_;
  std::size_t standing_ = 0;  ///< Not shut down by us.
  std::size_t open_ = 0;
  Clock::time_point wakes_at_;  ///< When watch() looks again, unless it is woken before.
  std::optional<Clock::time_point> said_at_;
  std::uint64_t given_up_ = 0;  ///< Since it was said last.
  bool ended_ = false;
};

}  // namespace walpulse::http
