#include "monitor/intake/large_bodies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <semaphore>
#include <vector>

namespace walpulse::monitor {
namespace {

using testing::ElementsAre;

TEST(LargeBodies, AreReadOneAfterTheOther) {
  std::vector<std::string> read;
  std::binary_semaphore done(0);
  LargeBodies bodies(100, [&](const PushedBody& body, const std::stop_token&) {
    read.push_back(body.text + body.traceparent);
    if (read.size() == 2) done.release();
  });
  PushedBody first{"a", "1", {}}, second{"b", "2", {}};
  EXPECT_TRUE(bodies.push(first));
  EXPECT_TRUE(bodies.push(second));
  done.acquire();
  EXPECT_THAT(read, ElementsAre("a1", "b2"));
}

TEST(LargeBodies, AreRefusedWholeWhereThereIsNoRoom) {
  std::binary_semaphore begun(0), go_on(0);
  LargeBodies bodies(100, [&](const PushedBody&, const std::stop_token&) {
    begun.release();
    go_on.acquire();
  });
  PushedBody over_the_bound{std::string(500, 'a'), "", {}};
  EXPECT_TRUE(bodies.push(over_the_bound));
  begun.acquire();
  PushedBody refused{"b", "", {}};
  EXPECT_FALSE(bodies.push(refused)) << "what is being read counts too";
  EXPECT_EQ(refused.text, "b");
  go_on.release();
  while (!bodies.push(refused)) std::this_thread::yield();
  begun.acquire();
  go_on.release();
}

TEST(LargeBodies, AreLeftWhereTheyWaitByAStop) {
  std::binary_semaphore begun(0), go_on(0);
  int read = 0;
  {
    LargeBodies bodies(100, [&](const PushedBody&, const std::stop_token& stop) {
      ++read;
      begun.release();
      const std::stop_callback woken(stop, [&] { go_on.release(); });
      go_on.acquire();
    });
    PushedBody first{"a", "", {}}, second{"b", "", {}};
    bodies.push(first);
    begun.acquire();
    bodies.push(second);
  }
  EXPECT_EQ(read, 1);
}

}  // namespace
}  // namespace walpulse::monitor
