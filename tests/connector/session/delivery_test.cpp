#include "connector/session/delivery.h"

#include <gtest/gtest.h>

#include "tests/connector/recording_publisher.h"

namespace walpulse::connector {
namespace {

struct DeliveryTest : ::testing::Test {
  testing::RecordingPublisher* publisher = nullptr;
  Wakeup wakeup;
  Delivery delivery{[this](publisher::Acknowledged acknowledged) {
                      auto made =
                          std::make_unique<testing::RecordingPublisher>(std::move(acknowledged));
                      publisher = made.get();
                      return made;
                    },
                    wakeup};

  void deliver_one() {
    delivery.tracker().begin();
    publisher::Message message;
    message.ticket = delivery.tracker().take();
    ASSERT_TRUE(delivery.publisher().publish(message).value());
    publisher->acknowledge_all();
    delivery.tracker().commit({Lsn{100}, Timestamp{}});
  }
};

TEST_F(DeliveryTest, AnAcknowledgementRaisesTheWakeup) {
  EXPECT_FALSE(wakeup.clear());
  deliver_one();
  EXPECT_TRUE(wakeup.clear());
  EXPECT_FALSE(wakeup.clear());
}

TEST_F(DeliveryTest, CountersCountOnWhenTheQueueIsDiscarded) {
  deliver_one();
  delivery.discard();
  EXPECT_EQ(delivery.tracker().safe().position, Lsn{});
  EXPECT_EQ(delivery.status().published_count, 1u);
  EXPECT_EQ(delivery.status().pending_messages, 0u);
  deliver_one();
  EXPECT_EQ(delivery.status().published_count, 2u);
}

}  // namespace
}  // namespace walpulse::connector
