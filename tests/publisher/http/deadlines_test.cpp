#include "publisher/http/deadlines.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

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

TEST(ConnectionDeadlines, EndShutsDownWhatIsOpenAndWaitsUntilItIsClosed) {
  ConnectionDeadlines deadlines(1h);
  Pair first, second;
  auto* const one = deadlines.open(first.ends[0]);
  auto* const two = deadlines.open(second.ends[0]);
  std::jthread owner([&] {
    while (!first.shut_down() || !second.shut_down()) std::this_thread::sleep_for(1ms);
    deadlines.close(one);
    deadlines.close(two);
  });
  const auto before = std::chrono::steady_clock::now();
  deadlines.end(1h);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1min);
}

TEST(ConnectionDeadlines, EndShutsDownLaterWhatWasPausedOrOpens) {
  ConnectionDeadlines deadlines(1h);
  Pair paused, late;
  auto* const one = deadlines.open(paused.ends[0]);
  deadlines.pause(one);
  deadlines.end(0ms);
  EXPECT_FALSE(paused.shut_down()) << "its answer is not given yet";
  deadlines.restart(one);
  EXPECT_TRUE(paused.shut_down());
  auto* const two = deadlines.open(late.ends[0]);
  EXPECT_TRUE(late.shut_down());
  deadlines.close(one);
  deadlines.close(two);
}

TEST(ConnectionDeadlines, EndWaitsForNobodyWhereNothingIsOpen) {
  ConnectionDeadlines deadlines(1h);
  deadlines.close(nullptr);
  deadlines.end(1h);
}

}  // namespace
}  // namespace walpulse::http
