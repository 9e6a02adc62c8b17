#include "publisher/delivery/lane_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/publisher/recording_sink.h"

namespace walpulse::publisher {
namespace {

std::string text_of(const std::vector<Message>& batch) {
  std::string text;
  for (const Message& one : batch) text += one.data;
  return text;
}

TEST(LaneQueue, GathersTheOldestMessagesKey) {
  LaneQueue queue({});
  for (const auto& [data, key] : std::vector<std::pair<const char*, const char*>>{
           {"a", "A"}, {"b", "B"}, {"c", "A"}, {"d", "C"}, {"e", "B"}, {"f", "A"}}) {
    queue.push(message(data, key), 1);
  }
  EXPECT_EQ(text_of(queue.next_batch()), "acf");
  EXPECT_EQ(text_of(queue.next_batch()), "be");
  EXPECT_EQ(text_of(queue.next_batch()), "d");
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.next_batch().empty());
}

TEST(LaneQueue, ABusyKeyDoesNotStarveTheOthers) {
  LaneQueue queue({2, 1000, true});
  for (const char* data : {"a", "b", "c", "d"}) queue.push(message(data, "busy"), 1);
  queue.push(message("x", "quiet"), 1);
  EXPECT_EQ(text_of(queue.next_batch()), "ab");
  for (const char* data : {"e", "f"}) queue.push(message(data, "busy"), 1);
  EXPECT_EQ(text_of(queue.next_batch()), "cd");
  EXPECT_EQ(text_of(queue.next_batch()), "x");
  EXPECT_EQ(text_of(queue.next_batch()), "ef");
}

TEST(LaneQueue, KeepsToTheBoundsOfABatch) {
  LaneQueue queue({1000, 100, true});
  for (int i = 0; i < 2500; ++i) queue.push(message("m"), 0);
  EXPECT_EQ(queue.next_batch().size(), 1000u);
  EXPECT_EQ(queue.next_batch().size(), 1000u);
  EXPECT_EQ(queue.next_batch().size(), 500u);
  for (const std::size_t bytes : {60u, 40u, 1u, 100u, 5000u, 1u}) queue.push(message("m"), bytes);
  EXPECT_EQ(queue.next_batch().size(), 2u);
  EXPECT_EQ(queue.next_batch().size(), 1u);
  EXPECT_EQ(queue.next_batch().size(), 1u);
  EXPECT_EQ(queue.next_batch().size(), 1u) << "a message over the limit goes alone";
  EXPECT_EQ(queue.next_batch().size(), 1u);
}

TEST(LaneQueue, WhereKeysDoNotMatterTheOrderIsThatOfArrival) {
  LaneQueue queue({4, 1000, false});
  for (const auto& [data, key] : std::vector<std::pair<const char*, const char*>>{
           {"a", "A"}, {"b", "B"}, {"c", "A"}, {"d", "C"}, {"e", "B"}, {"f", "A"}}) {
    queue.push(message(data, key), 1);
  }
  EXPECT_EQ(text_of(queue.next_batch()), "abcd");
  EXPECT_EQ(text_of(queue.next_batch()), "ef");
}

RC_GTEST_PROP(LaneQueue, GivesEachKeysMessagesOnceAndInOrder, ()) {
  const auto max = *rc::gen::inRange<std::size_t>(1, 5);
  LaneQueue queue({max, 10, true});
  std::map<std::string, std::vector<std::string>> in;
  std::map<std::string, std::vector<std::string>> out;
  const auto take = [&] {
    const auto batch = queue.next_batch();
    RC_ASSERT(!batch.empty());
    RC_ASSERT(batch.size() <= max);
    for (const Message& one : batch) {
      RC_ASSERT(one.ordering_key == batch.front().ordering_key);
      out[one.ordering_key].push_back(one.data);
    }
  };
  int number = 0;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6))) {
    if (step < 4) {
      const std::string key(1, static_cast<char>('A' + step));
      in[key].push_back(std::to_string(++number));
      queue.push(message(std::to_string(number), key), static_cast<std::size_t>(number % 7));
    } else if (!queue.empty()) {
      take();
    }
  }
  while (!queue.empty()) take();
  RC_ASSERT(in == out);
}

}  // namespace
}  // namespace walpulse::publisher
