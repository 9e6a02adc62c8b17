#include "decoder/schema/heartbeat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoder/schema/introduction.h"
#include "tests/decoder/schema/golden.h"

namespace walpulse::schema {
namespace {

using testing::ElementsAre;
using testing::Pair;

Timestamp at(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

Heartbeat sample() {
  Heartbeat heartbeat;
  heartbeat.name = "mage";
  heartbeat.table = "public.pipeline_run";
  heartbeat.epoch = 1763600000;
  heartbeat.instance = "host-1/4711";
  heartbeat.started_at = at(1763676000000000);
  heartbeat.sent_at = at(1763676332907123);
  heartbeat.sequence = 33;
  heartbeat.state = Heartbeat::State::catching_up;
  heartbeat.confirmed = Lsn{24023200};
  heartbeat.server = Lsn{24023456};
  heartbeat.confirmed_at = at(1763676331000000);
  heartbeat.lag_bytes = 256;
  heartbeat.lag_seconds = 1.5;
  heartbeat.retained_wal_bytes = 1 << 20;
  heartbeat.safe_wal_bytes = -1;
  heartbeat.replay_wal_bytes = 2 << 20;
  heartbeat.replay_anchor_lost = true;
  heartbeat.in_flight_bytes = 512;
  heartbeat.published_count = 18446744073709551615u;
  heartbeat.retried_count = 2;
  heartbeat.dropped_column_count = 1;
  heartbeat.publish_latency_bounds = {0.001, 0.01, 1};
  heartbeat.publish_latency_counts = {1, 2, 3, 4};
  heartbeat.publish_latency_sum = 7.25;
  heartbeat.system_identifier = 7570418829340286978;
  heartbeat.database = "mage-db";
  heartbeat.publication = "walpulse";
  heartbeat.follows = {1763500000, 1763550000};
  heartbeat.held_from = Lsn{24000000};
  heartbeat.published = Lsn{24023100};
  heartbeat.session = 2;
  return heartbeat;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Heartbeat, IsWrittenByteForByte) { expect_golden("heartbeat", to_json(sample())); }

TEST(Heartbeat, IsTheSameReadAgain) {
  for (const auto state : {Heartbeat::State::streaming, Heartbeat::State::catching_up,
                           Heartbeat::State::parked, Heartbeat::State::stopping}) {
    Heartbeat heartbeat = sample();
    heartbeat.state = state;
    const Result<Heartbeat> again = parse_heartbeat(to_json(heartbeat));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, heartbeat);
  }
  EXPECT_EQ(*parse_heartbeat(to_json(Heartbeat{})), Heartbeat{});
}

TEST(Heartbeat, IgnoresFieldsOfANewerWriter) {
  EXPECT_EQ(*parse_heartbeat(replaced(to_json(sample()), "{\"name\"", "{\"new\":[],\"name\"")),
            sample());
}

TEST(Heartbeat, OfAnOlderWriterSaysNothingOfAnAnchor) {
  const auto old = parse_heartbeat(
      replaced(to_json(sample()), ",\"replay_wal_bytes\":2097152,\"replay_anchor_lost\":true", ""));
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->replay_wal_bytes, -1);
  EXPECT_FALSE(old->replay_anchor_lost);
}

/// What was written before stays on the slot were told.
std::string of_an_older_writer() {
  const std::string json = to_json(sample());
  return json.substr(0, json.find(",\"system_identifier\"")) + "}";
}

TEST(Heartbeat, OfAnOlderWriterSaysNothingOfItsStay) {
  Heartbeat expected = sample();
  expected.system_identifier = 0;
  expected.database.clear();
  expected.publication.clear();
  expected.follows.clear();
  expected.held_from = expected.published = Lsn{};
  expected.session = 0;
  const auto old = parse_heartbeat(of_an_older_writer());
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(*old, expected);
}

TEST(Heartbeat, KeepsTheNewestOfTheEpochsThatItFollows) {
  Heartbeat heartbeat = sample();
  heartbeat.follows.clear();
  for (std::uint64_t epoch = 1; epoch <= 20; ++epoch) heartbeat.follows.push_back(epoch);
  const auto read = parse_heartbeat(to_json(heartbeat));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->follows.size(), kFollowsMax);
  EXPECT_EQ(read->follows.front(), 5u);
  EXPECT_EQ(read->follows.back(), 20u);
}

TEST(Heartbeat, RefusesWhatIsNone) {
  const std::string good = to_json(sample());
  for (const std::string& json :
       {std::string(),
        std::string("null"),
        std::string("{}"),
        std::string("[]"),
        good.substr(0, good.size() - 1),
        replaced(good, "\"name\"", "\"game\""),
        replaced(good, "\"catching_up\"", "\"asleep\""),
        replaced(good, "\"sequence\":33", "\"sequence\":-1"),
        replaced(good, "\"lag_bytes\":256", "\"lag_bytes\":2.5"),
        replaced(good, "\"safe_wal_bytes\":-1", "\"safe_wal_bytes\":-1e300"),
        replaced(good, "\"counts\":[1,", "\"counts\":["),
        replaced(good, "\"counts\":[1,", "\"counts\":[5.5e46,"),
        replaced(good, "\"counts\":[1,", "\"counts\":[-1,"),
        replaced(good, "\"7570418829340286978\"", "7570418829340286978"),
        replaced(good, "\"7570418829340286978\"", "\"0x7570\""),
        replaced(good, "\"7570418829340286978\"", "\"75704188293402869780\""),
        replaced(good, "\"held_from\":24000000", "\"held_from\":\"0/0\""),
        replaced(good, "\"session\":2", "\"sessions\":2"),
        replaced(good, "[1763500000,", "[-1,"),
        replaced(good, "\"lag_seconds\":1.5", "\"lag_seconds\":null"),
        replaced(good, "2025-11-20T22:05:32.907123Z", "yesterday")}) {
    const Result<Heartbeat> heartbeat = parse_heartbeat(json);
    ASSERT_FALSE(heartbeat) << json;
    EXPECT_EQ(heartbeat.error().kind, ErrorKind::malformed);
  }
}

TEST(Heartbeat, RefusesWhatIsTooLongForOneWithoutReadingIt) {
  const auto heartbeat = parse_heartbeat(
      replaced(to_json(sample()), "{\"name\"", "{\"new\":[" + std::string(70'000, '[')));
  ASSERT_FALSE(heartbeat);
  EXPECT_EQ(heartbeat.error().message, "not a heartbeat: too long for one");
}

TEST(Heartbeat, HasCloudEventsAttributesAndAKeyOfItsOwn) {
  EXPECT_THAT(
      heartbeat_attributes(sample()),
      ElementsAre(Pair("ce-specversion", "1.0"),
                  Pair("ce-id", "mage/public.pipeline_run/heartbeat/host-1/4711/33"),
                  Pair("ce-source", "/walpulse/mage"), Pair("ce-type", "walpulse.heartbeat"),
                  Pair("ce-time", "2025-11-20T22:05:32.907123Z"),
                  Pair("content-type", "application/json"), Pair("table", "public.pipeline_run"),
                  Pair("schema_version", "1")));
  EXPECT_EQ(heartbeat_ordering_key(sample()), "heartbeat/mage");
}

}  // namespace
}  // namespace walpulse::schema
