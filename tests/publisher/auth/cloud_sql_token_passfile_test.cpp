#include "publisher/auth/cloud_sql_token_passfile.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <mutex>

#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

/// Hands out what the test says.
class SaidTokens final : public TokenSource {
 public:
  explicit SaidTokens(Result<std::string>& said, std::mutex& mutex) : said_(said), mutex_(mutex) {}
  Result<std::string> token() override {
    const std::lock_guard lock(mutex_);
    return said_;
  }
  void invalidate(const std::string&) override {}

 private:
  Result<std::string>& said_;
  std::mutex& mutex_;
};

class CloudSqlTokenPassfileTest : public testing::Test {
 protected:
  Result<std::unique_ptr<CloudSqlTokenPassfile>> start() {
    return CloudSqlTokenPassfile::start(std::make_unique<http::FakeClient>(),
                                        std::make_unique<SaidTokens>(said_, mutex_));
  }
  void say(Result<std::string> token) {
    const std::lock_guard lock(mutex_);
    said_ = std::move(token);
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::mutex mutex_;
  Result<std::string> said_ = std::string("ya29.one");
};

TEST_F(CloudSqlTokenPassfileTest, IsAPasswordFileThatLibpqTakes) {
  const auto login = *start();
  const std::string path = login->password_file();
  EXPECT_EQ(read(path), "*:*:*:*:ya29.one\n");
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_TRUE(S_ISREG(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(CloudSqlTokenPassfileTest, HoldsThePresentTokenUnderTheSameName) {
  const auto login = *start();
  const std::string path = login->password_file();
  say(std::string("a:b\\c"));
  ASSERT_TRUE(login->renew());
  EXPECT_EQ(login->password_file(), path);
  EXPECT_EQ(read(path), "*:*:*:*:a\\:b\\\\c\n");
}

TEST_F(CloudSqlTokenPassfileTest, KeepsTheOldTokenWhileThereIsNoNewOne) {
  const auto login = *start();
  say(fail(ErrorKind::unavailable, "down"));
  EXPECT_FALSE(login->renew());
  EXPECT_EQ(read(login->password_file()), "*:*:*:*:ya29.one\n");
}

TEST_F(CloudSqlTokenPassfileTest, StartsWhereTheIssuerIsDownAndNotWhereItRefuses) {
  say(fail(ErrorKind::unavailable, "down"));
  EXPECT_TRUE(start());
  say(fail(ErrorKind::denied, "no such account"));
  const auto refused = start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("no such account"), std::string::npos);
}

}  // namespace
}  // namespace walpulse::auth
