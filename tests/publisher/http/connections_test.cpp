#include "publisher/http/connections.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace walpulse::http {
namespace {

using namespace std::chrono_literals;

/// One end is the server's, the other the client's.
struct Pair {
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0); }
  ~Pair() {
    for (const int end : ends) ::close(end);
  }
  bool shut_down() {
    char byte = 0;
    return ::recv(ends[1], &byte, 1, MSG_DONTWAIT) == 0;
  }
  std::array<int, 2> ends{};
};

/// Nothing is late in these tests, unless one says otherwise.
ConnectionLimits at_most(std::size_t standing) {
  return {
      .standing_max = standing, .open_max = standing + 100, .head = 1h, .idle = 1h, .transfer = 1h};
}

/// Connections, each with a name: its place in the order of coming.
class ConnectionsTest : public testing::Test {
 protected:
  void limit(ConnectionLimits limits) { connections_.emplace(limits); }
  std::size_t come(Stage stage = Stage::head) {
    Client& client = clients_.emplace_back();
    client.connection = connections_->open(client.pair.ends[0]);
    connections_->enter(client.connection, stage);
    return clients_.size() - 1;
  }
  void enter(std::size_t name, Stage stage) {
    connections_->enter(clients_[name].connection, stage);
  }
  void close(std::size_t name) {
    connections_->close(std::exchange(clients_[name].connection, nullptr));
  }
  /// Who was shut down since it was asked last, in the order of coming.
  std::vector<std::size_t> gone() {
    std::vector<std::size_t> found;
    for (std::size_t name = 0; name < clients_.size(); ++name) {
      if (clients_[name].known_gone || !clients_[name].pair.shut_down()) continue;
      clients_[name].known_gone = true;
      found.push_back(name);
    }
    return found;
  }
  using Names = std::vector<std::size_t>;

  ~ConnectionsTest() override {
    for (std::size_t name = 0; name < clients_.size(); ++name) close(name);
  }

  struct Client {
    Pair pair;
    Connections::Connection* connection = nullptr;
    bool known_gone = false;
  };
  std::optional<Connections> connections_;
  std::deque<Client> clients_;
};

TEST_F(ConnectionsTest, TheOneThatHasBeenSilentLongestGoesForANewcomer) {
  limit(at_most(3));
  for (int i = 0; i < 3; ++i) come();
  EXPECT_EQ(gone(), Names{});
  come();
  EXPECT_EQ(gone(), Names{0});
  come();
  EXPECT_EQ(gone(), Names{1});
}

TEST_F(ConnectionsTest, GivesUpHeadsAndThenWhatHasBeenLongestAtTheSame) {
  limit(at_most(6));
  const std::size_t body = come(Stage::body), idle = come(Stage::idle),
                    answer = come(Stage::answer), waiting = come(Stage::waiting),
                    second = come(Stage::body), head = come();
  enter(idle, Stage::body);
  enter(idle, Stage::idle);  // it has asked something meanwhile
  for (const std::size_t next : {head, body, answer, second, idle}) {
    come(Stage::waiting);
    EXPECT_EQ(gone(), Names{next});
  }
  come(Stage::waiting);
  EXPECT_EQ(gone(), Names{clients_.size() - 1}) << "all others wait for us";
  EXPECT_FALSE(clients_[waiting].known_gone);
}

TEST_F(ConnectionsTest, WhoHasJustComeIsNoWorseThanTheOthers) {
  auto limits = at_most(3);
  limits.head_grace = 1h;
  limit(limits);
  const std::size_t body = come(Stage::body), fresh = come(), idle = come(Stage::idle);
  for (const std::size_t next : {body, fresh, idle}) {
    come();
    EXPECT_EQ(gone(), Names{next});
  }
}

TEST_F(ConnectionsTest, CountsNoneTwiceThatIsShutDownAndNotClosedYet) {
  limit(at_most(2));
  come();
  const std::size_t kept = come(Stage::body);
  come();
  EXPECT_EQ(gone(), Names{0});
  enter(0, Stage::body);  // what it had sent before is read now
  close(0);
  come();
  EXPECT_EQ(gone(), Names{2});
  EXPECT_FALSE(clients_[kept].known_gone);
  close(kept);
  come();
  EXPECT_EQ(gone(), Names{}) << "there was room";
}

TEST_F(ConnectionsTest, HasNoRoomWhileTooManyAreNotClosedYet) {
  auto limits = at_most(2);
  limits.open_max = 3;
  limit(limits);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(connections_->has_room());
    come();
  }
  EXPECT_EQ(gone(), Names{0});
  EXPECT_FALSE(connections_->has_room());
  close(0);
  EXPECT_TRUE(connections_->has_room());
}

TEST_F(ConnectionsTest, HalfASecondHeadIsNoBetterThanHalfAFirst) {
  limit(at_most(2));
  const std::size_t asking = come(Stage::body);
  come(Stage::idle);
  enter(asking, Stage::idle);
  enter(asking, Stage::head);
  come();
  EXPECT_EQ(gone(), Names{asking});
}

TEST_F(ConnectionsTest, EachStageHasItsTimeAndStayingGivesNoMore) {
  limit({.standing_max = 9, .open_max = 9, .head = 20ms, .idle = 1h, .transfer = 1h});
  const std::size_t silent = come(), idle = come(Stage::idle), waiting = come(Stage::waiting);
  std::jthread watcher([this](std::stop_token stop) { connections_->watch(std::move(stop)); });
  while (!clients_[silent].pair.shut_down()) enter(silent, Stage::head);
  EXPECT_FALSE(clients_[idle].pair.shut_down());
  EXPECT_FALSE(clients_[waiting].pair.shut_down());
  const std::size_t second = come();  // while the watcher sleeps until the idle one is late
  while (!clients_[second].pair.shut_down()) std::this_thread::sleep_for(1ms);
}

TEST_F(ConnectionsTest, EndShutsDownWhatIsOpenAndWaitsUntilItIsClosed) {
  limit(at_most(9));
  const std::size_t first = come(), second = come(Stage::idle);
  std::jthread owner([&] {
    for (const std::size_t name : {first, second}) {
      while (!clients_[name].pair.shut_down()) std::this_thread::sleep_for(1ms);
    }
    close(first);
    close(second);
  });
  const auto before = std::chrono::steady_clock::now();
  connections_->end(1h);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1min);
}

TEST_F(ConnectionsTest, EndShutsDownLaterWhatWaitedOrOpens) {
  limit(at_most(9));
  const std::size_t waiting = come(Stage::waiting);
  connections_->end(0ms);
  EXPECT_EQ(gone(), Names{}) << "its answer is not given yet";
  enter(waiting, Stage::answer);
  EXPECT_EQ(gone(), Names{waiting});
  const std::size_t late = come();
  EXPECT_EQ(gone(), Names{late});
}

TEST_F(ConnectionsTest, EndWaitsForNobodyWhereNothingIsOpen) {
  limit(at_most(9));
  connections_->close(nullptr);
  connections_->end(1h);
}

}  // namespace
}  // namespace walpulse::http
