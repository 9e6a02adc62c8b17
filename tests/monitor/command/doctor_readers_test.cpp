#include "monitor/command/doctor_readers.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "monitor/options/access_options.h"

namespace walpulse::monitor {
namespace {

using doctor::Check;
using testing::ElementsAre;
using testing::HasSubstr;

const char* nowhere(const char*) { return nullptr; }

class DoctorReadersTest : public testing::Test {
 protected:
  DoctorReadersTest() { options_.http_address = "0.0.0.0"; }
  ~DoctorReadersTest() override { std::filesystem::remove(tokens_); }

  AccessOptions& access() { return options_.access; }
  std::vector<Check> all() {
    ServeOptions options = options_;
    settle_access(options);
    return check_readers(options, nowhere);
  }
  Check found() {
    const auto checks = all();
    EXPECT_EQ(checks.size(), 1u);
    return checks.empty() ? Check{} : checks.front();
  }
  void write_tokens(const std::string& text, ::mode_t mode) {
    std::ofstream(tokens_) << text;
    ::chmod(tokens_.c_str(), mode);
    access().readers = Readers::token;
    access().reader_token_file = tokens_;
  }

  ServeOptions options_;
  const std::string tokens_ =
      testing::TempDir() + "walpulse reader's tokens " + std::to_string(::getpid());
};

TEST_F(DoctorReadersTest, SaysThatNobodyReadsWhereNobodySaidWhoMay) {
  const Check check = found();
  EXPECT_EQ(check.level, Check::Level::warn);
  EXPECT_THAT(check.finding, HasSubstr("/health at 0.0.0.0 are answered with 503"));
  EXPECT_EQ(check.remedy,
            "walpulse-monitor doctor --readers iap --iap-audience "
            "/projects/NUMBER/locations/REGION/services/NAME");
  EXPECT_EQ(check.otherwise,
            "walpulse-monitor doctor --readers token --reader-token-file "
            "/etc/walpulse/reader-tokens");
}

TEST_F(DoctorReadersTest, IsContentWhereThatIsMeant) {
  access().readers = Readers::none;
  EXPECT_EQ(found().level, Check::Level::ok);
  access().metrics_address = "0.0.0.0:9090";
  EXPECT_THAT(found().finding, HasSubstr("but for /metrics and /health at 0.0.0.0:9090"));
}

TEST_F(DoctorReadersTest, IsContentOnThisMachine) {
  options_.http_address = "127.0.0.1";
  EXPECT_EQ(found().finding, "loopback: whoever is on this machine reads, and writes: *");
}

TEST_F(DoctorReadersTest, SaysWhatServeWouldRefuse) {
  access().readers = Readers::loopback;
  EXPECT_EQ(found().level, Check::Level::fail);
  EXPECT_THAT(found().finding, HasSubstr("0.0.0.0 is reached from others"));
  access().readers = Readers::iap;
  EXPECT_THAT(found().remedy, HasSubstr("--iap-audience /projects/NUMBER/"));
  access().readers = Readers::google;
  access().reader_audience = "https://m.example.com";
  const Check everybody = found();
  EXPECT_THAT(everybody.finding, HasSubstr("everybody who has an account there"));
  EXPECT_EQ(everybody.remedy,
            "walpulse-monitor doctor --reader-audience https://m.example.com --readers google "
            "--reader EMAIL_OR_DOMAIN");
}

TEST_F(DoctorReadersTest, WarnsOfAnOpenDoor) {
  access().readers = Readers::google;
  access().reader_audience = "https://m.example.com";
  access().reader = {"*"};
  EXPECT_EQ(found().level, Check::Level::warn);
  access().reader = {"example.com"};
  EXPECT_EQ(found().finding, "google: reads: example.com; writes: nobody");
}

TEST_F(DoctorReadersTest, KnowsTheAudiencesThatGoogleWrites) {
  access().readers = Readers::iap;
  for (const char* audience : {"/projects/123/locations/europe-west1/services/walpulse-page",
                               "/projects/123/global/backendServices/456",
                               "/projects/123/regions/europe-west1/backendServices/456",
                               "/projects/123/apps/my-project"}) {
    access().iap_audience = audience;
    EXPECT_EQ(found().level, Check::Level::ok) << audience;
  }
  for (const char* audience :
       {"/projects/my-project/locations/europe-west1/services/page",
        "projects/123/locations/europe-west1/services/page", "https://page.example.com",
        "/projects/123/services/page", "/projects/123/locations/europe-west1/services/page/"}) {
    access().iap_audience = audience;
    const Check check = found();
    EXPECT_EQ(check.level, Check::Level::fail) << audience;
    EXPECT_THAT(check.finding, HasSubstr("made out to '" + std::string(audience) + "'"));
    EXPECT_FALSE(check.remedy.empty());
  }
}

TEST_F(DoctorReadersTest, ReadsTheTokensAsServeWould) {
  access().readers = Readers::token;
  access().reader_token_file = tokens_;
  Check check = found();
  EXPECT_EQ(check.level, Check::Level::fail) << "there is none";
  EXPECT_THAT(check.remedy, HasSubstr("read that file"));
  write_tokens("grafana secret\n", 0600);
  check = found();
  EXPECT_EQ(check.level, Check::Level::fail) << "too short";
  EXPECT_THAT(check.finding, HasSubstr("line 1"));
  EXPECT_EQ((check.finding + check.remedy).find("secret"), std::string::npos);
}

TEST_F(DoctorReadersTest, WarnsOfTokensThatEverybodyOnTheMachineReads) {
  for (const ::mode_t open : {0644, 0604, 0602, 0666}) {
    write_tokens("grafana 0123456789abcdef\n", open);
    const Check check = found();
    EXPECT_EQ(check.level, Check::Level::warn) << open;
    EXPECT_EQ(check.remedy, "chmod o= \"" + tokens_ + "\"");
    EXPECT_EQ(check.finding.find("0123456789abcdef"), std::string::npos);
  }
  for (const ::mode_t closed : {0600, 0640, 0400}) {
    write_tokens("grafana 0123456789abcdef\n", closed);
    EXPECT_EQ(found().level, Check::Level::ok) << closed;
    std::filesystem::remove(tokens_);
  }
}

TEST_F(DoctorReadersTest, WhoMayWriteMustBeLetIn) {
  access().readers = Readers::iap;
  access().iap_audience = "/projects/1/locations/r/services/s";
  access().writer = {"ana@example.com", "bob@other.org", "other.net"};
  EXPECT_EQ(found().level, Check::Level::ok) << "everybody is let in";
  access().reader = {"example.com", "cy@example.org"};
  const Check check = found();
  EXPECT_EQ(check.level, Check::Level::warn);
  EXPECT_THAT(check.finding, HasSubstr("no --reader names bob@other.org, other.net"));
  EXPECT_THAT(check.remedy, HasSubstr("--reader example.com --reader cy@example.org --reader "
                                      "bob@other.org --reader other.net"));
  access().writer = {"*", "cy@example.org"};
  EXPECT_EQ(found().level, Check::Level::ok);
  access().writer = {"nobody@nowhere.org"};
  access().reader = {"*"};
  EXPECT_EQ(found().level, Check::Level::ok);
}

}  // namespace
}  // namespace walpulse::monitor
