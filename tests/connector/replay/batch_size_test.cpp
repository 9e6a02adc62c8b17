#include "connector/replay/batch_size.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

TEST(BatchSize, GrowsOnlyWhileTheRestartStandsStill) {
  BatchSize size(100, 800);
  EXPECT_EQ(size.next(Lsn{10}), 100u);
  EXPECT_EQ(size.next(Lsn{10}), 200u);
  EXPECT_EQ(size.next(Lsn{10}), 400u);
  EXPECT_EQ(size.next(Lsn{11}), 100u);
  EXPECT_EQ(size.next(Lsn{11}), 200u);
}

TEST(BatchSize, StopsAtTheMost) {
  BatchSize size(100, 300);
  for (int i = 0; i < 5; ++i) size.next(Lsn{10});
  EXPECT_EQ(size.next(Lsn{10}), 300u);
}

TEST(BatchSize, OfAPacedReplayStaysAsItIs) {
  BatchSize size(100, 100);
  EXPECT_EQ(size.next(Lsn{10}), 100u);
  EXPECT_EQ(size.next(Lsn{10}), 100u);
}

}  // namespace
}  // namespace walpulse::connector
