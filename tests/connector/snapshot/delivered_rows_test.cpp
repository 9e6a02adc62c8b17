#include "connector/snapshot/delivered_rows.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

TEST(DeliveredRows, KnowsNoneAtFirst) { EXPECT_EQ(DeliveredRows().last_id(), std::nullopt); }

TEST(DeliveredRows, GoesNoFurtherThanTheFirstThatIsNotDelivered) {
  DeliveredRows rows;
  const auto a = rows.take(-7);
  const auto b = rows.take(3);
  const auto c = rows.take(812);
  rows.acknowledge(b);
  rows.acknowledge(c);
  EXPECT_EQ(rows.last_id(), std::nullopt);
  rows.acknowledge(a);
  EXPECT_EQ(rows.last_id(), 812);
}

TEST(DeliveredRows, IgnoresTicketsThatAreNobodysOrWereHandedBackBefore) {
  DeliveredRows rows;
  const auto a = rows.take(1);
  rows.take(2);
  rows.acknowledge(0);
  rows.acknowledge(99);
  rows.acknowledge(a);
  rows.acknowledge(a);
  EXPECT_EQ(rows.last_id(), 1);
}

}  // namespace
}  // namespace walpulse::connector
