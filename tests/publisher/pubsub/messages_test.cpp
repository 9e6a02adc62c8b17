#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "publisher/pubsub/client.h"

namespace walpulse::pubsub {
namespace {

using Json = nlohmann::json;

std::string publish_message(std::string_view data, const schema::AttributesJson& attributes,
                            std::string_view key) {
  std::string body;
  append_publish_message(body, data, attributes, key);
  return body;
}

TEST(PublishMessage, IsTheJsonThatPubsubReads) {
  EXPECT_EQ(publish_message("{}", {{"op", "c"}, {"table", "public.pipeline_run"}}, "a/7"),
            R"({"data":"e30=","attributes":{"op":"c","table":"public.pipeline_run"},)"
            R"("orderingKey":"a/7"})");
}

TEST(PublishMessage, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(publish_message("f", {}, ""), R"({"data":"Zg=="})");
}

RC_GTEST_PROP(PublishMessage, IsValidJsonWhateverTheBytes,
              (const std::string& data, const std::string& name, const std::string& value,
               const std::string& key)) {
  const std::string body = publish_message(data, {{name, value}}, key);
  RC_ASSERT(Json::parse(body, nullptr, false).is_object());
  RC_ASSERT(body.size() <= publish_message_bytes(data, {{name, value}}, key));
}

TEST(PublishMessage, ItsSizeIsKnownExactlyForPlainText) {
  const schema::AttributesJson attributes = {{"op", "c"}, {"quoted", "a\"b\\c"}};
  for (const char* data : {"", "f", "fo", "foo", "foob"}) {
    EXPECT_EQ(publish_message(data, attributes, "key").size(),
              publish_message_bytes(data, attributes, "key"));
    EXPECT_EQ(publish_message(data, {}, "").size(), publish_message_bytes(data, {}, ""));
  }
}

RC_GTEST_PROP(PublishMessage, ItsSizeIsNeverUnderestimated, ()) {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const std::string value = *bytes;
  const std::string key = *bytes;
  RC_ASSERT(publish_message("x", {{"a", value}}, key).size() <=
            publish_message_bytes("x", {{"a", value}}, key));
}

TEST(PullResponse, GivesEveryMessage) {
  const auto messages = parse_pull_response(R"({"receivedMessages":[
      {"ackId":"a1","message":{"data":"Zm9v","attributes":{"k":"v"},"messageId":"17",
       "publishTime":"2026-01-01T00:00:00Z","orderingKey":"key"},"deliveryAttempt":2},
      {"ackId":"a2","message":{"attributes":{"only":"attributes"},"messageId":"18"}}]})");
  ASSERT_TRUE(messages) << messages.error().message;
  ASSERT_EQ(messages->size(), 2u);
  const Message& first = messages->at(0).message;
  EXPECT_EQ(messages->at(0).ack_id, "a1");
  EXPECT_EQ(first.data, "foo");
  EXPECT_EQ(first.attributes, (schema::Attributes{{"k", "v"}}));
  EXPECT_EQ(first.message_id, "17");
  EXPECT_EQ(messages->at(1).message.data, "");
}

TEST(PullResponse, WithoutMessagesIsEmpty) {
  for (const char* body : {"{}", R"({"receivedMessages":[]})", R"({"receivedMessages":null})"}) {
    const auto messages = parse_pull_response(body);
    ASSERT_TRUE(messages) << body;
    EXPECT_TRUE(messages->empty());
  }
}

TEST(PullResponse, HostileJsonIsMalformed) {
  const std::string deep(100'000, '[');
  for (const std::string& body : std::vector<std::string>{
           "", "null", "[]", "7", "{", deep, R"({"receivedMessages":7})",
           R"({"receivedMessages":[7]})", R"({"receivedMessages":[{}]})",
           R"({"receivedMessages":[{"message":{}}]})",
           R"({"receivedMessages":[{"ackId":7,"message":{}}]})",
           R"({"receivedMessages":[{"ackId":"a","message":7}]})",
           R"({"receivedMessages":[{"ackId":"a","message":{"data":7}}]})",
           R"({"receivedMessages":[{"ackId":"a","message":{"data":"%%%"}}]})",
           R"({"receivedMessages":[{"ackId":"a","message":{"attributes":[]}}]})",
           R"({"receivedMessages":[{"ackId":"a","message":{"attributes":{"k":1}}}]})",
           R"({"receivedMessages":[{"ackId":"a","message":{"orderingKey":{}}}]})",
           "{\"receivedMessages\":[{\"ackId\":\"\xff\",\"message\":{}}]}"}) {
    const auto messages = parse_pull_response(body);
    ASSERT_FALSE(messages) << body.substr(0, 80);
    EXPECT_EQ(messages.error().kind, ErrorKind::malformed);
  }
}

TEST(PushEnvelope, ReadsWhatGoogleSends) {
  const auto message = parse_push_envelope(R"({"deliveryAttempt":5,"message":{
      "attributes":{"key":"value"},"data":"SGVs","messageId":"2070443601311540",
      "message_id":"2070443601311540","orderingKey":"k","publishTime":"2021-02-26T19:13:55.749Z",
      "publish_time":"2021-02-26T19:13:55.749Z"},"subscription":"projects/p/subscriptions/s"})");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->data, "Hel");
  EXPECT_EQ(message->message_id, "2070443601311540");
}

TEST(PushEnvelope, PrefersCamelCaseAndTakesSnakeCaseWhereThatIsAll) {
  EXPECT_EQ(parse_push_envelope(R"({"message":{"messageId":"1","message_id":"2"}})")->message_id,
            "1");
  EXPECT_EQ(parse_push_envelope(R"({"message":{"message_id":"2"}})")->message_id, "2");
}

TEST(PushEnvelope, AnIdThatIsNoneOfPubsubsIsNone) {
  const auto id_of = [](const std::string& name, std::size_t bytes) {
    return parse_push_envelope(R"({"message":{")" + name + "\":\"" + std::string(bytes, '7') +
                               "\"}}")
        ->message_id;
  };
  EXPECT_EQ(id_of("messageId", 256), std::string(256, '7'));
  EXPECT_EQ(id_of("messageId", 257), "");
  EXPECT_EQ(id_of("message_id", 3000), "");
}

TEST(PushEnvelope, WithoutAMessageIsMalformed) {
  for (const char* body :
       {"", "{}", "[]", R"({"message":null})", R"({"message":"x"})", R"({"op":"c","after":{}})"}) {
    const auto message = parse_push_envelope(body);
    ASSERT_FALSE(message) << body;
    EXPECT_EQ(message.error().kind, ErrorKind::malformed);
  }
}

TEST(PushEnvelope, HostileJsonIsMalformed) {
  const std::string deep(100'000, '[');
  std::string many = "{\"message\":{\"attributes\":{";
  for (int i = 0; i < 2000; ++i) many += '"' + std::to_string(i) + "\":\"\",";
  many.back() = '}';
  for (const std::string& body : std::vector<std::string>{
           deep, "{\"message\":" + deep, "{\"x\":" + deep, many + "}}",
           R"({"message":{"attributes":{"k":1}}})", R"({"message":{"data":"%%%"}})",
           R"({"message":{"messageId":7}})", R"({"message":{}} x)", R"({"message":{})",
           "{\"message\":{\"messageId\":\"\xff\"}}", std::string("{\"message\":{\0}}", 15)}) {
    const auto message = parse_push_envelope(body);
    ASSERT_FALSE(message) << body.substr(0, 80);
    EXPECT_EQ(message.error().kind, ErrorKind::malformed);
  }
}

TEST(PublishAnswer, CountsTheIdsOfAWholeAnswer) {
  EXPECT_EQ(count_message_ids(R"({"messageIds":["1","2"],"more":{}})"), 2u);
  for (const std::string& body : std::vector<std::string>{
           "", "{}", "[]", R"({"messageIds":7})", R"({"messageIds":[7,null,{}]})",
           R"({"messageIds":["1","2"])", "{\"messageIds\":" + std::string(100'000, '[')}) {
    EXPECT_EQ(count_message_ids(body), 0u) << body.substr(0, 80);
  }
}

TEST(PermissionAnswer, GrantsWhatItHolds) {
  EXPECT_TRUE(grants(R"({"permissions":["a","b"]})", "b"));
  for (const char* body : {R"({"permissions":["a"]})", R"({"permissions":[1,null]})", "{}", "[]",
                           R"({"permissions":["b"])"}) {
    EXPECT_FALSE(grants(body, "b")) << body;
  }
}

TEST(PushEnvelope, OfAnAttributeGivenTwiceTheLastCounts) {
  EXPECT_EQ(
      parse_push_envelope(R"({"message":{"attributes":{"a":"1","b":"2","a":"3"}}})")->attributes,
      (schema::Attributes{{"a", "3"}, {"b", "2"}}));
}

RC_GTEST_PROP(PushEnvelope, ReadsWhatItWrote, (const std::string& data)) {
  const auto ascii = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  const std::string value = *ascii;
  const std::string key = *ascii;
  const auto message = parse_push_envelope(
      push_envelope(data, {{"ce-id", value}}, key, "id-" + value, "projects/p/subscriptions/s"));
  RC_ASSERT(message.has_value());
  RC_ASSERT(message->data == data);
  RC_ASSERT(message->attributes == (schema::Attributes{{"ce-id", value}}));
  RC_ASSERT(message->message_id == "id-" + value);
}

}  // namespace
}  // namespace walpulse::pubsub
