#include "monitor/options/access_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AccessOptionsTest : public testing::Test {
 protected:
  /// The settled options and what stands against them.
  std::pair<ServeOptions, std::string> settle(ServeOptions options) {
    settle_access(options);
    const Environment environment = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    std::string problems;
    for (const auto& problem : check_access(options, environment))
      problems += "--" + problem.key + ": " + problem.message + "; " + problem.remedy + "\n";
    return {options, problems};
  }
  static ServeOptions at(const char* address, std::optional<Readers> readers = std::nullopt) {
    ServeOptions options;
    options.http_address = address;
    options.access.readers = readers;
    return options;
  }

  std::map<std::string, std::string> environment_;
};

TEST_F(AccessOptionsTest, LetInThisMachineOrNobodyWhereNothingIsSaid) {
  for (const char* address : {"127.0.0.1", "127.3.2.1", "::1"}) {
    const auto [options, problems] = settle(at(address));
    EXPECT_EQ(options.access.readers, Readers::loopback) << address;
    EXPECT_THAT(options.access.writer, ElementsAre("*"));
    EXPECT_THAT(problems, IsEmpty());
  }
  for (const char* address : {"0.0.0.0", "10.0.0.5", "::"}) {
    const auto [options, problems] = settle(at(address));
    EXPECT_EQ(options.access.readers, Readers::none) << address;
    EXPECT_THAT(options.access.writer, IsEmpty());
    EXPECT_THAT(problems, IsEmpty());
  }
}

TEST_F(AccessOptionsTest, NeedWhatAWayOfProofNeeds) {
  EXPECT_THAT(settle(at("0.0.0.0", Readers::loopback)).second,
              AllOf(HasSubstr("--readers: "), HasSubstr("--http-address 127.0.0.1")));
  EXPECT_THAT(settle(at("0.0.0.0", Readers::iap)).second, HasSubstr("--iap-audience"));
  EXPECT_THAT(settle(at("0.0.0.0", Readers::platform)).second, HasSubstr("K_SERVICE"));
  environment_["K_SERVICE"] = "walpulse-page";
  EXPECT_THAT(settle(at("0.0.0.0", Readers::platform)).second, IsEmpty());
  EXPECT_THAT(settle(at("0.0.0.0", Readers::token)).second, HasSubstr("--reader-token-file"));
  ServeOptions google = at("0.0.0.0", Readers::google);
  EXPECT_THAT(settle(google).second,
              AllOf(HasSubstr("--reader-audience"), HasSubstr("--reader '*'")));
  google.access.reader_audience = "https://walpulse.example.com";
  google.access.reader = {"example.com"};
  EXPECT_THAT(settle(google).second, IsEmpty());
}

TEST_F(AccessOptionsTest, RefuseWhatMeansNothing) {
  ServeOptions options = at("0.0.0.0");
  options.access.iap_audience = "/projects/1/locations/x/services/y";
  EXPECT_THAT(settle(options).second,
              HasSubstr("--iap-audience: means nothing with --readers none"));
  options = at("127.0.0.1");
  options.access.reader_token_file = "/etc/tokens";
  EXPECT_THAT(settle(options).second, HasSubstr("add --readers token"));
}

TEST_F(AccessOptionsTest, NameAccountsAndOrganizations) {
  for (const char* grant : {"*", "ana@example.com", "example.com", "wall"}) {
    ServeOptions options = at("127.0.0.1");
    options.access.reader = options.access.writer = {grant};
    EXPECT_THAT(settle(options).second, IsEmpty()) << grant;
  }
  for (const char* grant : {"", "*.example.com", "@example.com", "ana@", "a b", "ana@x@y"}) {
    ServeOptions options = at("127.0.0.1");
    options.access.writer = {grant};
    EXPECT_THAT(settle(options).second, HasSubstr("--writer: ")) << grant;
  }
}

TEST_F(AccessOptionsTest, TakeKeysFromTrustworthyAddressesAlone) {
  ServeOptions options = at("127.0.0.1");
  options.access.iap_keys_url = "http://keys.example.com";
  EXPECT_THAT(settle(options).second, HasSubstr("--iap-keys-url"));
  options.access.iap_keys_url = "http://127.0.0.1:99/keys";
  EXPECT_THAT(settle(options).second, IsEmpty());
}

TEST_F(AccessOptionsTest, OfAPageListenEverywhereWhereItIsSaidWhoReads) {
  ServeOptions options;
  options.command = Command::page;
  EXPECT_EQ(settle(options).first.http_address, "127.0.0.1");
  EXPECT_EQ(settle(options).first.access.readers, Readers::loopback);
  options.access.readers = Readers::iap;
  EXPECT_EQ(settle(options).first.http_address, "0.0.0.0");
  options.access.readers = Readers::none;
  EXPECT_THAT(settle(options).second, HasSubstr("nobody would see the page"));
}

TEST_F(AccessOptionsTest, SplitAnAddressFromItsPort) {
  const auto ipv4 = listen_address("0.0.0.0:9090");
  ASSERT_TRUE(ipv4);
  EXPECT_EQ(ipv4->address, "0.0.0.0");
  EXPECT_EQ(ipv4->port, 9090);
  EXPECT_EQ(listen_address("[::1]:0")->address, "::1");
  for (const char* text : {"", "9090", ":9090", "0.0.0.0", "0.0.0.0:", "0.0.0.0:x", "0.0.0.0:70000",
                           "::1:80", "[]:80", "0.0.0.0:80 "})
    EXPECT_FALSE(listen_address(text)) << text;
}

}  // namespace
}  // namespace walpulse::monitor
