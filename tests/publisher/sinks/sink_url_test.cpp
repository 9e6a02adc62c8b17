#include "publisher/sinks/sink_url.h"

#include <gtest/gtest.h>

namespace walpulse::publisher {
namespace {

TEST(TopicUrl, NamesATopic) {
  EXPECT_EQ(parse_topic_url("pubsub://my-project/mage-runs"),
            "projects/my-project/topics/mage-runs");
  EXPECT_EQ(parse_topic_url("pubsub://example.com:my-project/Runs_1.2~3+4%5"),
            "projects/example.com:my-project/topics/Runs_1.2~3+4%5");
}

TEST(TopicUrl, RefusesWhatPubsubWouldRefuseAndGivesAnExample) {
  for (const char* url :
       {"pubsub://", "pubsub:/my-project/runs", "pubsub://my-project", "pubsub://my-project/",
        "pubsub:///runs", "pubsub://short/runs", "pubsub://My-Project/runs",
        "pubsub://1project/runs", "pubsub://project-/runs", "pubsub://:my-project/runs",
        "pubsub://a-project-id-that-is-far-too-long/runs", "pubsub://my-project/ab",
        "pubsub://my-project/1runs", "pubsub://my-project/google-runs",
        "pubsub://my-project/runs/more", "pubsub://my-project/ru ns"}) {
    const auto topic = parse_topic_url(url);
    ASSERT_FALSE(topic) << url;
    EXPECT_EQ(topic.error().kind, ErrorKind::rejected);
    EXPECT_NE(to_string(topic.error()).find("pubsub://my-project/mage-runs"), std::string::npos);
  }
}

TEST(PushUrl, IsAnyPlainHttpUrl) {
  for (const char* url : {"http://localhost", "http://127.0.0.1:8080/push", "http://[::1]:8080/",
                          "https://monitor.example.com/push?key=1", "http://[::1]"}) {
    EXPECT_EQ(parse_push_url(url), url);
  }
}

TEST(PushUrl, RefusesOthersAndGivesAnExample) {
  for (const char* url :
       {"http://", "http:///push", "http://:8080/", "http://host:0/", "http://host:65536/",
        "http://host:http/", "http://host:/", "http://[]:80/", "http://[::1", "http://host/a b",
        "http://host/\n", "http://host/#part", "ftp://host/", "http:host", "httpx://host"}) {
    const auto push = parse_push_url(url);
    ASSERT_FALSE(push) << url;
    EXPECT_EQ(push.error().kind, ErrorKind::rejected);
    EXPECT_NE(to_string(push.error()).find("http://127.0.0.1:8080/push"), std::string::npos);
  }
}

TEST(PushUrl, CredentialsAreRefusedAndNotRepeated) {
  for (const char* url : {"https://user:hush@host/push", "http://host:0/push?token=hush",
                          "ftp://host/push?token=hush", "http://host/push?token=hush#part"}) {
    const auto push = parse_push_url(url);
    ASSERT_FALSE(push) << url;
    EXPECT_EQ(to_string(push.error()).find("hush"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace walpulse::publisher
