#include "publisher/sinks/sink.h"

#include <gtest/gtest.h>

#include <map>

namespace walpulse::publisher {
namespace {

SinkOptions with(std::map<std::string, std::string> environment) {
  SinkOptions options;
  options.environment = [environment = std::move(environment)](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  return options;
}

TEST(MakeSink, ChoosesByTheUrl) {
  const SinkOptions options = with({{"PUBSUB_EMULATOR_HOST", "127.0.0.1:9"}});
  for (const char* url : {"pubsub://my-project/mage-runs", "http://127.0.0.1:8080/push",
                          "https://monitor.example.com/push", "stdout"}) {
    const auto sink = make_sink(url, options);
    ASSERT_TRUE(sink) << to_string(sink.error());
    EXPECT_EQ((*sink)->name(), url);
  }
}

TEST(MakeSink, AnythingElseIsRejectedWithValidExamples) {
  for (const char* url : {"", "kafka://x", "STDOUT", "pubsub", "httpfoo", "/dev/stdout"}) {
    const auto sink = make_sink(url, with({}));
    ASSERT_FALSE(sink) << url;
    EXPECT_EQ(sink.error().kind, ErrorKind::rejected);
  }
  const std::string text = to_string(make_sink("kafka://x", with({})).error());
  for (const char* example :
       {"pubsub://my-project/mage-runs", "http://127.0.0.1:8080/push", "stdout"}) {
    EXPECT_NE(text.find(example), std::string::npos) << text;
  }
}

TEST(MakeSink, TheEmulatorNeedsNoCredentials) {
  const std::map<std::string, std::string> broken = {
      {"GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json"}};
  EXPECT_FALSE(make_sink("pubsub://my-project/mage-runs", with(broken)));
  auto emulated = broken;
  emulated["PUBSUB_EMULATOR_HOST"] = "127.0.0.1:9";
  EXPECT_TRUE(make_sink("pubsub://my-project/mage-runs", with(emulated)));
}

TEST(MakeSink, AnHttpsSinkIsToldWhoSends) {
  const std::map<std::string, std::string> broken = {
      {"GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json"}};
  const auto sink = make_sink("https://m.example.com/push", with(broken));
  ASSERT_FALSE(sink);
  EXPECT_NE(to_string(sink.error()).find("--push-audience none"), std::string::npos);
  SinkOptions options = with(broken);
  EXPECT_TRUE(make_sink("http://m.example.com/push", options));
  options.push_audience = "none";
  EXPECT_TRUE(make_sink("https://m.example.com/push", options));
  options.push_audience = "https://m.example.com";
  EXPECT_FALSE(make_sink("http://m.example.com/push", options)) << "asked for, so needed";
}

}  // namespace
}  // namespace walpulse::publisher
