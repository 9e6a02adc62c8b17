#include "monitor/storage/row_codec.h"

#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::string_literals;

TEST(EncodedAttributes, AreTheBytesThatEarlierBuildsWrote) {
  const std::string id(200, 'x');
  const schema::Attributes attributes = {{"op", "c"}, {"empty", ""}, {"ce-id", id}};
  const std::string bytes = "\3\2op\1c\5empty\0\5ce-id\xC8\1"s + id;
  EXPECT_EQ(encode_attributes(attributes), bytes);
  EXPECT_EQ(decode_attributes(bytes), attributes);
  EXPECT_EQ(encode_attributes({}), "\0"s);
  EXPECT_EQ(decode_attributes("\0"s), schema::Attributes());
}

TEST(EncodedAttributes, ThatAreCutOrLongerAreNone) {
  const std::string bytes = encode_attributes({{"op", "c"}, {"table", "public.runs"}});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_attributes(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_attributes(bytes + 'x'));
}

}  // namespace
}  // namespace walpulse::monitor
