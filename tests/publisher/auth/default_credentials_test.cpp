#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "publisher/auth/token_source.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

/// A home folder and an environment of the test's own.
class DefaultCredentials : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "credentials-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    environment_["HOME"] = folder_.string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = folder_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }

  CredentialOptions options() {
    CredentialOptions options;
    options.environment = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    return options;
  }
  Result<std::unique_ptr<TokenSource>> make() {
    return make_default_token_source(http_, options());
  }
  /// What a machine with these access scopes says of one that is wanted; empty: nothing.
  std::string missing(int status, const std::string& granted, const std::string& wanted) {
    http::FakeClient machine([&](const http::SentRequest& request) {
      EXPECT_TRUE(request.url.ends_with("/service-accounts/default/scopes")) << request.url;
      http::Response said = http::answer(status, granted);
      said.headers = {{"metadata-flavor", "Google"}};
      return said;
    });
    CredentialOptions asked = options();
    asked.scopes = {"https://www.googleapis.com/auth/" + wanted};
    const auto checked = check_scopes(machine, asked);
    return checked ? "" : to_string(checked.error());
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
  http::FakeClient http_;
};

TEST_F(DefaultCredentials, WithoutFilesAreTheMetadataServers) {
  environment_["GCE_METADATA_HOST"] = "127.0.0.1:9";
  const auto tokens = make();
  ASSERT_TRUE(tokens) << to_string(tokens.error());
  EXPECT_TRUE(http_.requests().empty()) << "no connection before the first token";
  EXPECT_FALSE((*tokens)->token());
  EXPECT_EQ(http_.requests().at(0).url.rfind("http://127.0.0.1:9/computeMetadata/", 0), 0u);
}

TEST_F(DefaultCredentials, AnUnreadableFileIsRejectedWithItsPath) {
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] = "/nowhere/key.json";
  const auto tokens = make();
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().kind, ErrorKind::rejected);
  EXPECT_NE(to_string(tokens.error()).find("/nowhere/key.json"), std::string::npos);
}

TEST_F(DefaultCredentials, OtherTypesAreRefusedWithWhatIsSupported) {
  for (const char* type : {"gdch_service_account", "external_account_authorized_user", "x"}) {
    environment_["GOOGLE_APPLICATION_CREDENTIALS"] =
        write("key.json", std::string(R"({"type":")") + type + R"(","client_secret":"hush"})");
    const auto tokens = make();
    ASSERT_FALSE(tokens) << type;
    EXPECT_EQ(tokens.error().kind, ErrorKind::rejected);
    for (const char* part : {type, "key.json", "external_account", "service account"}) {
      EXPECT_NE(to_string(tokens.error()).find(part), std::string::npos)
          << to_string(tokens.error());
    }
    EXPECT_EQ(to_string(tokens.error()).find("hush"), std::string::npos);
  }
}

TEST_F(DefaultCredentials, AMissingMemberIsNamedWithTheFileAndItsType) {
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] =
      write("key.json", R"({"type":"authorized_user","client_id":"i","client_secret":"hush"})");
  const std::string text = to_string(make().error());
  for (const char* part : {"key.json", "authorized_user", "refresh_token is missing"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  EXPECT_EQ(text.find("hush"), std::string::npos);
}

TEST_F(DefaultCredentials, TheQuotaProjectIsTheFilesUnlessTheEnvironmentNamesOne) {
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] =
      write("key.json", R"({"type":"authorized_user","client_id":"i","client_secret":"s",)"
                        R"("refresh_token":"r","quota_project_id":"file-project"})");
  EXPECT_EQ((*make())->quota_project(), "file-project");
  environment_["GOOGLE_CLOUD_QUOTA_PROJECT"] = "other-project";
  EXPECT_EQ((*make())->quota_project(), "other-project");
  EXPECT_NE((*make())->identity().find("key.json"), std::string::npos);
}

TEST_F(DefaultCredentials, AFailureToGetATokenNamesTheFile) {
  const std::string path = write(
      "key.json",
      R"({"type":"authorized_user","client_id":"i","client_secret":"s","refresh_token":"hush"})");
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] = path;
  const auto token = (*make())->token();
  ASSERT_FALSE(token);
  EXPECT_NE(to_string(token.error()).find(path), std::string::npos) << to_string(token.error());
  EXPECT_EQ(to_string(token.error()).find("hush"), std::string::npos);
}

TEST_F(DefaultCredentials, GcloudsOwnFileIsFound) {
  write(".config/gcloud/application_default_credentials.json", R"({"type":"authorized_user"})");
  const auto tokens = make();
  ASSERT_FALSE(tokens);
  EXPECT_NE(to_string(tokens.error()).find("authorized_user"), std::string::npos);
  environment_["CLOUDSDK_CONFIG"] = folder_ / "elsewhere";
  EXPECT_TRUE(make());
}

TEST_F(DefaultCredentials, AFileThatIsNoneIsRejected) {
  for (const char* text :
       {"", "not json", "[]", "{}", R"({"type":7})", R"({"type":"service_account"})"}) {
    environment_["GOOGLE_APPLICATION_CREDENTIALS"] = write("key.json", text);
    const auto tokens = make();
    ASSERT_FALSE(tokens) << text;
    EXPECT_EQ(tokens.error().kind, ErrorKind::rejected);
  }
}

TEST_F(DefaultCredentials, AMachinesScopesAreHeldAgainstWhatIsWanted) {
  const std::string usual =
      "https://www.googleapis.com/auth/pubsub\nhttps://www.googleapis.com/auth/monitoring.write\n";
  EXPECT_EQ(missing(200, usual, "pubsub"), "");
  EXPECT_EQ(missing(200, usual, "monitoring.write"), "");
  EXPECT_EQ(missing(200, "https://www.googleapis.com/auth/monitoring\n", "monitoring.write"), "");
  EXPECT_EQ(missing(200, "https://www.googleapis.com/auth/cloud-platform\n", "pubsub"), "");
  const std::string said = missing(200, usual, "sqlservice.login");
  EXPECT_NE(said.find("lack the scope https://www.googleapis.com/auth/sqlservice.login"),
            std::string::npos)
      << said;
  EXPECT_NE(missing(200, "https://www.googleapis.com/auth/monitoring.read", "monitoring.write"),
            "");
}

TEST_F(DefaultCredentials, AMachineThatNamesNoScopesIsNotBlamed) {
  EXPECT_EQ(missing(404, "", "pubsub"), "");
  EXPECT_EQ(missing(200, "", "pubsub"), "");
}

TEST_F(DefaultCredentials, AFilesTokensHaveTheScopesThatAreAskedFor) {
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] =
      write("key.json", R"({"type":"authorized_user","client_id":"i","client_secret":"s",)"
                        R"("refresh_token":"r"})");
  EXPECT_TRUE(check_scopes(http_, options()));
  EXPECT_TRUE(http_.requests().empty());
}

}  // namespace
}  // namespace walpulse::auth
