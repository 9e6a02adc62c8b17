#include "publisher/delivery/publisher.h"

#include <gtest/gtest.h>

#include "tests/publisher/recording_sink.h"

namespace walpulse::publisher {
namespace {

TEST(MessageBytes, CountsEverythingThatWaits) {
  Message one = message("", "");
  const std::size_t empty = message_bytes(one);
  EXPECT_GT(empty, sizeof(Message));
  one.data = std::string(1000, 'x');
  one.ordering_key = std::string(10, 'x');
  one.attributes = {{"name", "value"}};
  EXPECT_GE(message_bytes(one), empty + 1000 + 10 + 9);
}

}  // namespace
}  // namespace walpulse::publisher
