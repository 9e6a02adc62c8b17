#include "monitor/storage/socket_deadline.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace walpulse::monitor {
namespace {

class SocketDeadlineTest : public testing::Test {
 protected:
  SocketDeadlineTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0); }
  ~SocketDeadlineTest() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int ends_[2] = {-1, -1};
  char byte_ = 'x';
};

TEST_F(SocketDeadlineTest, EndsACallThatNobodyAnswers) {
  SocketDeadline watch;
  const SocketDeadline::Call call(watch, ends_[0], std::chrono::milliseconds(10));
  EXPECT_EQ(::read(ends_[0], &byte_, 1), 0);  // would last for ever
}

TEST_F(SocketDeadlineTest, LooksInTimeForACallShorterThanTheOneBefore) {
  SocketDeadline watch;
  { const SocketDeadline::Call call(watch, ends_[0], std::chrono::hours(1)); }
  const SocketDeadline::Call call(watch, ends_[0], std::chrono::milliseconds(10));
  EXPECT_EQ(::read(ends_[0], &byte_, 1), 0);
}

TEST_F(SocketDeadlineTest, LeavesACallAloneThatWasAnswered) {
  {
    SocketDeadline watch;
    const SocketDeadline::Call call(watch, ends_[0], std::chrono::hours(1));
  }
  ASSERT_EQ(::write(ends_[1], &byte_, 1), 1);
  EXPECT_EQ(::read(ends_[0], &byte_, 1), 1);
}

}  // namespace
}  // namespace walpulse::monitor
