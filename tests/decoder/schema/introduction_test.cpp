#include "decoder/schema/introduction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/decoder/schema/golden.h"

namespace walpulse::schema {
namespace {

using testing::ElementsAre;
using testing::Pair;

Introduction sample() {
  Introduction introduction;
  introduction.name = "mage";
  introduction.table = "public.pipeline_run";
  introduction.epoch = 1763600000;
  introduction.system_identifier = 7570418829340286978;
  introduction.database = "mage-db";
  introduction.publication = "walpulse";
  introduction.follows = {1763500000, 1763550000};
  introduction.sent_at = Timestamp{std::chrono::microseconds{1763676332907123}};
  return introduction;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Introduction, IsWrittenByteForByte) { expect_golden("introduction", to_json(sample())); }

TEST(Introduction, IsTheSameReadAgain) {
  Introduction greatest = sample();
  greatest.epoch = greatest.system_identifier = UINT64_MAX;
  for (const Introduction& introduction : {sample(), greatest, Introduction{}}) {
    const auto again = parse_introduction(to_json(introduction));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, introduction);
  }
}

TEST(Introduction, IgnoresFieldsOfANewerWriter) {
  EXPECT_EQ(*parse_introduction(replaced(to_json(sample()), "{\"name\"", "{\"new\":[],\"name\"")),
            sample());
}

TEST(Introduction, RefusesWhatIsNone) {
  const std::string good = to_json(sample());
  for (const std::string& json :
       {std::string(), std::string("null"), std::string("{}"), std::string("[]"),
        good.substr(0, good.size() - 1), replaced(good, "\"name\"", "\"game\""),
        replaced(good, "\"epoch\":1763600000", "\"epoch\":-1"),
        replaced(good, "\"7570418829340286978\"", "7570418829340286978"),
        replaced(good, "\"7570418829340286978\"", "\"-1\""),
        replaced(good, "\"7570418829340286978\"", "\"\""),
        replaced(good, "[1763500000,", "[\"1763500000\","),
        replaced(good, "2025-11-20T22:05:32.907123Z", "yesterday")}) {
    const auto introduction = parse_introduction(json);
    ASSERT_FALSE(introduction) << json;
    EXPECT_EQ(introduction.error().kind, ErrorKind::malformed);
  }
}

TEST(Introduction, RefusesWhatIsTooLongForOneWithoutReadingIt) {
  const auto introduction = parse_introduction(
      replaced(to_json(sample()), "{\"name\"", "{\"new\":[" + std::string(20'000, '[')));
  ASSERT_FALSE(introduction);
  EXPECT_EQ(introduction.error().message, "not an introduction: too long for one");
}

TEST(Introduction, HasCloudEventsAttributesAndTheKeyOfHeartbeats) {
  EXPECT_THAT(
      introduction_attributes(sample()),
      ElementsAre(
          Pair("ce-specversion", "1.0"),
          Pair("ce-id", "mage/public.pipeline_run/introduction/1763600000/1763676332907123"),
          Pair("ce-source", "/walpulse/mage"), Pair("ce-type", "walpulse.introduction"),
          Pair("ce-time", "2025-11-20T22:05:32.907123Z"), Pair("content-type", "application/json"),
          Pair("table", "public.pipeline_run"), Pair("schema_version", "1")));
  EXPECT_EQ(introduction_ordering_key(sample()), "heartbeat/mage");
}

}  // namespace
}  // namespace walpulse::schema
