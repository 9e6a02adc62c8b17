#include "monitor/storage/call_watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace walpulse::monitor {
namespace {

class CallWatchTest : public testing::Test {
 protected:
  CallWatchTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0); }
  ~CallWatchTest() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int ends_[2] = {-1, -1};
  char byte_ = 'x';
};

TEST_F(CallWatchTest, EndsACallThatNobodyAnswers) {
  CallWatch watch;
  const CallWatch::Call call(watch, ends_[0], std::chrono::milliseconds(10));
  EXPECT_EQ(::read(ends_[0], &byte_, 1), 0);  // would last for ever
}

TEST_F(CallWatchTest, LooksInTimeForACallShorterThanTheOneBefore) {
  CallWatch watch;
  { const CallWatch::Call call(watch, ends_[0], std::chrono::hours(1)); }
  const CallWatch::Call call(watch, ends_[0], std::chrono::milliseconds(10));
  EXPECT_EQ(::read(ends_[0], &byte_, 1), 0);
}

TEST_F(CallWatchTest, LeavesACallAloneThatWasAnswered) {
  {
    CallWatch watch;
    const CallWatch::Call call(watch, ends_[0], std::chrono::hours(1));
  }
  ASSERT_EQ(::write(ends_[1], &byte_, 1), 1);
  EXPECT_EQ(::read(ends_[0], &byte_, 1), 1);
}

}  // namespace
}  // namespace walpulse::monitor
