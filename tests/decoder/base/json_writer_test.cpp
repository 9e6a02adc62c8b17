#include "decoder/base/json_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "decoder/base/utf8.h"

namespace walpulse {
namespace {

using Json = nlohmann::json;

TEST(JsonWriter, WritesBehindWhatIsThereAndMakesRoom) {
  std::string out = "[";
  {
    JsonWriter to(out, 0);
    for (int i = 0; i < 1'000; ++i) {
      to.name(std::to_string(i));
      to.put(',');
      to.decimal(i - 500);
      to.put(',');
    }
    to.put("null]");
  }
  const Json all = Json::parse(out);
  ASSERT_EQ(all.size(), 2'001u);
  EXPECT_EQ(all[1], -500);
  EXPECT_EQ(all[1'998], "999");
}

TEST(JsonWriter, EscapesWhereverItStands) {
  for (std::size_t size = 1; size < 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int value = 0; value < 128; ++value) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(value);
        std::string out;
        JsonWriter(out, 0).text(text);
        ASSERT_EQ(Json::parse(out), text);
      }
    }
  }
}

TEST(JsonWriter, MakesRoomForWhatItWritesHoweverLongTheStringIs) {
  std::string out(500'000, 'x');
  out.reserve(2'000'000);
  JsonWriter to(out, 8);
  to.put(std::string_view("0123456789"));
  EXPECT_LT(out.size(), 500'100u) << "room is zeroed: half a megabyte for each short name";
}

RC_GTEST_PROP(JsonWriter, ANameIsReplacedWhereAValueBecomesBase64, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  std::string name, value;
  JsonWriter(name, 0).name(text);
  JsonWriter(value, 0).text(text);
  RC_ASSERT(Json::parse(name) == utf8_or_replaced(text));
  RC_ASSERT(Json::parse(value).is_string() == is_utf8(text));
  RC_ASSERT(Json::parse(value).is_object() == !is_utf8(text));
}

RC_GTEST_PROP(JsonWriter, WritesEveryNumber, (std::int64_t number, std::uint64_t large)) {
  std::string out;
  JsonWriter(out, 0).decimal(number);
  RC_ASSERT(out == std::to_string(number));
  JsonWriter(out, 0).decimal(large);
  RC_ASSERT(out == std::to_string(number) + std::to_string(large));
}

}  // namespace
}  // namespace walpulse
