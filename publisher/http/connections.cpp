#include "publisher/http/connections.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"

namespace walpulse::http {
namespace {

/// How long watch() sleeps where nothing has a deadline.
constexpr std::chrono::minutes kQuiet{10};
/// A crowd is told of once in so long.
constexpr std::chrono::seconds kBetweenLines{10};

}  // namespace

class Connections::Connection {
 public:
  explicit Connection(int its_socket) : socket(its_socket) {}

  const int socket;
  Stage stage = Stage::head;
  bool listed = false;
  bool shut = false;
  Clock::time_point since;            ///< In its stage.
  std::list<Connection*> node{this};  ///< Its one element stands in its stage while it is listed.
  const std::list<Connection*>::iterator position = node.begin();
};

Connections::Connections(ConnectionLimits limits)
    : limits_(limits), times_{limits.head, limits.idle, limits.transfer, limits.transfer} {}

bool Connections::has_room() const {
  const std::lock_guard lock(mutex_);
  return open_ < limits_.open_max;
}

Connections::Connection* Connections::open(int socket) {
  auto* const connection = new Connection(socket);
  std::optional<std::uint64_t> told;
  {
    const std::lock_guard lock(mutex_);
    const bool full = standing_ >= limits_.standing_max;
    const bool is_let_in = !ended_ && (!full || give_up_one());
    if (full) told = count_given_up(Clock::now());
    ++open_;
    ++standing_;
    if (is_let_in) {
      list(*connection);
    } else {
      shut_down(*connection);
    }
  }
  if (told) {
    SPDLOG_WARN(
        "all connections were taken, and those that had brought least were closed for new ones "
        "connections_max={} closed={}",
        limits_.standing_max, *told);
  }
  return connection;
}

void Connections::enter(Connection* connection, Stage stage) {
  if (connection == nullptr) return;
  const std::lock_guard lock(mutex_);
  if (connection->shut || connection->stage == stage) return;
  leave(*connection);
  connection->stage = stage;
  if (stage == Stage::waiting) return;
  if (ended_) return shut_down(*connection);
  list(*connection);
}

void Connections::close(Connection* connection) {
  if (connection == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    leave(*connection);
    if (!connection->shut) --standing_;
    if (--open_ == 0) changed_.notify_all();
  }
  delete connection;
}

void Connections::list(Connection& connection) {
  const auto stage = static_cast<std::size_t>(connection.stage);
  connection.since = Clock::now();
  connection.listed = true;
  stages_[stage].splice(stages_[stage].end(), connection.node);
  if (connection.since + times_[stage] >= wakes_at_) return;
  wakes_at_ = connection.since + times_[stage];
  changed_.notify_all();
}

void Connections::leave(Connection& connection) {
  if (!std::exchange(connection.listed, false)) return;
  auto& stage = stages_[static_cast<std::size_t>(connection.stage)];
  connection.node.splice(connection.node.begin(), stage, connection.position);
}

void Connections::shut_down(Connection& connection) {
  leave(connection);
  connection.shut = true;
  --standing_;
  ::shutdown(connection.socket, SHUT_RDWR);
}

/// False where all wait for us.
bool Connections::give_up_one() {
  const auto is_before = [](const auto& one, const auto& other) {
    return !one.empty() && (other.empty() || one.front()->since < other.front()->since);
  };
  const auto& heads = stages_.front();
  const bool head_is_due =
      !heads.empty() && Clock::now() - heads.front()->since >= limits_.head_grace;
  const auto& least =
      head_is_due ? heads : *std::min_element(stages_.begin(), stages_.end(), is_before);
  if (least.empty()) return false;
  shut_down(*least.front());
  return true;
}

/// How many were given up, where it is time to say so.
std::optional<std::uint64_t> Connections::count_given_up(Clock::time_point now) {
  ++given_up_;
  if (said_at_ && now - *said_at_ < kBetweenLines) return std::nullopt;
  said_at_ = now;
  return std::exchange(given_up_, 0);
}

void Connections::watch(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = Clock::now();
    wakes_at_ = now + kQuiet;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      const auto& stage = stages_[i];
      while (!stage.empty() && stage.front()->since + times_[i] <= now) shut_down(*stage.front());
      if (!stage.empty()) wakes_at_ = std::min(wakes_at_, stage.front()->since + times_[i]);
    }
    const auto wakes_at = wakes_at_;
    changed_.wait_until(lock, stop, wakes_at, [&] { return wakes_at_ < wakes_at; });
  }
}

void Connections::end(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  ended_ = true;
  while (give_up_one()) {
  }
  changed_.wait_for(lock, wait, [this] { return open_ == 0; });
}

}  // namespace walpulse::http
