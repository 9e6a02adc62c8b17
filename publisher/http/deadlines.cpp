#include "publisher/http/deadlines.h"

#include <sys/socket.h>

#include <utility>

namespace walpulse::http {

class ConnectionDeadlines::Connection {
 public:
  explicit Connection(int its_socket) : socket(its_socket) {}

  const int socket;
  Clock::time_point deadline;
  bool running = false;
  std::list<Connection*> node{this};  ///< Its one element stands in running_ while it runs.
  const std::list<Connection*>::iterator position = node.begin();
};

ConnectionDeadlines::Connection* ConnectionDeadlines::open(int socket) {
  auto* const connection = new Connection(socket);
  {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  restart(connection);
  return connection;
}

void ConnectionDeadlines::restart(Connection* connection) {
  if (connection == nullptr) return;
  const std::lock_guard lock(mutex_);
  leave(*connection);
  if (ended_) {
    ::shutdown(connection->socket, SHUT_RDWR);
    return;
  }
  connection->deadline = Clock::now() + limit_;
  connection->running = true;
  running_.splice(running_.end(), connection->node);
  if (running_.size() == 1) changed_.notify_all();
}

void ConnectionDeadlines::pause(Connection* connection) {
  if (connection == nullptr) return;
  const std::lock_guard lock(mutex_);
  leave(*connection);
}

void ConnectionDeadlines::close(Connection* connection) {
  if (connection == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    leave(*connection);
    if (--open_ == 0) changed_.notify_all();
  }
  delete connection;
}

void ConnectionDeadlines::leave(Connection& connection) {
  if (!std::exchange(connection.running, false)) return;
  connection.node.splice(connection.node.begin(), running_, connection.position);
}

void ConnectionDeadlines::watch(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (running_.empty()) {
      changed_.wait(lock, stop, [this] { return !running_.empty(); });
      continue;
    }
    // Whatever happens meanwhile, nothing is late before the front's deadline.
    const auto deadline = running_.front()->deadline;
    changed_.wait_until(lock, stop, deadline, [] { return false; });
    while (!running_.empty() && running_.front()->deadline <= Clock::now()) {
      Connection& late = *running_.front();
      leave(late);
      ::shutdown(late.socket, SHUT_RDWR);
    }
  }
}

void ConnectionDeadlines::end(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  ended_ = true;
  while (!running_.empty()) {
    Connection& last = *running_.front();
    leave(last);
    ::shutdown(last.socket, SHUT_RDWR);
  }
  changed_.wait_for(lock, wait, [this] { return open_ == 0; });
}

}  // namespace walpulse::http
