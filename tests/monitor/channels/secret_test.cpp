#include "monitor/channels/secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace walpulse::monitor::channels {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string file_with(const std::string& text) {
  const std::string path = ::testing::TempDir() + "/secret_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Secret, IsReadAgainEachTime) {
  const Secret secret{file_with("  first\n")};
  EXPECT_EQ(read_secret(secret, {}), "first");
  std::ofstream(secret.file) << "second";
  EXPECT_EQ(read_secret(secret, {}), "second");
  const Environment environment = [](const char* name) {
    return std::string(name) == "TOKEN" ? "third" : nullptr;
  };
  EXPECT_EQ(read_secret({"", "TOKEN"}, environment), "third");
}

TEST(Secret, AFileThatIsAwayMayComeBack) {
  const auto missing = read_secret({"/nonexistent/secret"}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(to_string(missing.error()), HasSubstr("/nonexistent/secret"));
  EXPECT_EQ(read_secret({std::filesystem::temp_directory_path()}, {}).error().kind,
            ErrorKind::unavailable);
}

TEST(Secret, WhatIsNoneIsRefusedWithoutShowingIt) {
  for (const std::string& text : {std::string(), std::string(" \n"), std::string("hush\nhush"),
                                  std::string("hush\0x", 6), std::string(70'000, 'h')}) {
    const auto secret = read_secret({file_with(text)}, {});
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().kind, ErrorKind::rejected);
    EXPECT_THAT(to_string(secret.error()), Not(HasSubstr("hush")));
  }
  EXPECT_EQ(read_secret({"", "TOKEN"}, [](const char*) { return nullptr; }).error().kind,
            ErrorKind::rejected);
  EXPECT_EQ(read_secret({file_with("one\ntwo\n")}, {}, true), "one\ntwo");
}

TEST(Redaction, TakesSecretsOutHoweverOftenTheyAreSaid) {
  Redaction redaction;
  redaction.add("hush");
  redaction.add("hush-hush");
  redaction.add("ok");  // a word, no secret
  EXPECT_EQ(redaction.apply("ok: hush-hush, hush!\nhushhush"), "ok: ***, ***! ******");
  EXPECT_LE(redaction.apply(std::string(100'000, 'x')).size(), 500u);
  EXPECT_EQ(redaction.apply(""), "");
}

TEST(Redaction, AnAddressIsHiddenInEachOfItsForms) {
  Redaction redaction;
  redaction.add_address("https://hooks.example.com/services/hush?key=quiet");
  for (const char* said :
       {"GET https://hooks.example.com/services/hush: no", "/services/hush is gone",
        "/services/hush?key=quiet", "what is ?key=quiet"}) {
    EXPECT_THAT(redaction.apply(said), Not(HasSubstr("hush"))) << said;
    EXPECT_THAT(redaction.apply(said), Not(HasSubstr("quiet"))) << said;
  }
  redaction.add_address("no address");
  redaction.add_address("https://host");
  EXPECT_EQ(redaction.apply("a / b"), "a / b");
}

}  // namespace
}  // namespace walpulse::monitor::channels
