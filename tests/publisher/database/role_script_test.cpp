#include "publisher/database/role_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::database {
namespace {

TEST(LoginRole, CanLogInOnlyOnceItHasItsPassword) {
  const std::string script = login_role_sql("walpulse");
  const auto made = script.find("CREATE ROLE %I NOLOGIN");
  const auto asked = script.find("\\password :\"walpulse_role\"");
  const auto opened = script.find("ALTER ROLE %I LOGIN");
  ASSERT_NE(opened, std::string::npos);
  EXPECT_LT(made, asked);
  EXPECT_LT(asked, opened);
  EXPECT_THAT(script, ::testing::Not(::testing::HasSubstr("PASSWORD '")));
}

TEST(LoginRole, MayBeCalledAnything) {
  EXPECT_THAT(login_role_sql("o'brien"), ::testing::HasSubstr("rolname = 'o''brien'"));
}

}  // namespace
}  // namespace walpulse::database
