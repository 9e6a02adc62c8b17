#include "monitor/intake/intake_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using testing::ElementsAre;

class IntakeQueueTest : public testing::Test {
 protected:
  static constexpr std::size_t kLarge = 4000;

  void push(char name, std::size_t size = 1) {
    ReceivedMessage message{std::string(size, name), {}, {}};
    const std::size_t bytes = IntakeQueue::bytes_of(message);
    queue_.push(
        std::move(message), [](const Result<Outcome>&) {}, bytes);
  }
  bool has_room(std::size_t size) const {
    return queue_.has_room(IntakeQueue::bytes_of({std::string(size, 'x'), {}, {}}));
  }
  /// The first letters of the next group.
  std::string take() {
    std::string names;
    for (const ReceivedMessage& message : queue_.take().messages) names += message.data.front();
    return names;
  }

  IntakeQueue queue_{{.bytes_max = 20'000,
                      .group_messages_max = 3,
                      .group_bytes_max = 8000,
                      .large_bytes_min = kLarge}};
};

TEST_F(IntakeQueueTest, GivesWhatWaitsInItsOrder) {
  for (const char name : {'a', 'b', 'c', 'd'}) push(name);
  EXPECT_EQ(take(), "abc");
  EXPECT_EQ(take(), "d");
  EXPECT_EQ(take(), "");
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), 0u);
}

TEST_F(IntakeQueueTest, LargeMessagesGoOneAtATimeInTurnsWithTheOthers) {
  for (const char name : {'X', 'Y', 'Z'}) push(name, kLarge);
  for (const char name : {'a', 'b', 'c', 'd', 'e', 'f'}) push(name);
  std::vector<std::string> groups;
  while (!queue_.empty()) groups.push_back(take());
  EXPECT_THAT(groups, ElementsAre("X", "abc", "Y", "def", "Z"));
}

TEST_F(IntakeQueueTest, LargeMessagesLeaveRoomForTheOthers) {
  push('X', 8000);
  EXPECT_FALSE(has_room(kLarge));
  EXPECT_TRUE(has_room(1));
  while (has_room(3000)) push('a', 3000);
  EXPECT_FALSE(has_room(kLarge));
  EXPECT_LE(queue_.bytes(), 20'000u);
  EXPECT_GT(queue_.bytes(), 14'000u);
}

TEST_F(IntakeQueueTest, TakesAMessageOverTheWholeBoundWhereNoneOfItsSortWaits) {
  push('a');
  EXPECT_TRUE(has_room(50'000));
  push('X', 50'000);
  EXPECT_FALSE(has_room(50'000));
  EXPECT_TRUE(has_room(1));
  EXPECT_EQ(take(), "X");
  EXPECT_EQ(take(), "a");
}

TEST_F(IntakeQueueTest, DropsAllThatWaits) {
  push('a');
  push('X', kLarge);
  EXPECT_EQ(queue_.drop().size(), 2u);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), 0u);
}

}  // namespace
}  // namespace walpulse::monitor
