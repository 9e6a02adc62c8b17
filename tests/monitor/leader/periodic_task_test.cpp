#include "monitor/leader/periodic_task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

TEST(Rounds, AreWokenWhileTheyGoOnAndDoNothingBeforeAndBehind) {
  Rounds rounds;
  rounds.wake();
  std::counting_semaphore<> began(0);
  std::atomic<int> count = 0;
  rounds.begin([&](std::stop_token) {
    ++count;
    began.release();
    return 24h;
  });
  began.acquire();
  rounds.wake();
  began.acquire();
  rounds.end();
  rounds.wake();
  EXPECT_EQ(count, 2);
  rounds.end();
}

TEST(Rounds, ARoundMayWakeItselfWhileTheEndWaitsForIt) {
  Rounds rounds;
  std::binary_semaphore began(0), ends(0);
  rounds.begin([&](const std::stop_token& stop) {
    began.release();
    while (!stop.stop_requested()) rounds.wake();
    ends.release();
    return 24h;
  });
  began.acquire();
  rounds.end();
  EXPECT_TRUE(ends.try_acquire()) << "the end waits for the round under way";
}

TEST(Rounds, GoOnAgainOnceTheyEnded) {
  Rounds rounds;
  for (int turn = 0; turn < 2; ++turn) {
    std::binary_semaphore began(0);
    rounds.begin([&](std::stop_token) {
      began.release();
      return 24h;
    });
    began.acquire();
    rounds.end();
  }
}

}  // namespace
}  // namespace walpulse::monitor
