#include "publisher/database/dsn.h"

#include <gtest/gtest.h>

#include <map>

namespace walpulse::database {
namespace {

TEST(Dsn, FindsAPasswordWhereverLibpqWould) {
  EXPECT_TRUE(holds_password("postgresql://u:p@h/d"));
  EXPECT_TRUE(holds_password("postgres://h/d?password=p"));
  EXPECT_TRUE(holds_password("host=h password = 'p q'"));
  EXPECT_TRUE(holds_password("sslpassword=p"));
  EXPECT_FALSE(holds_password("postgresql://u@h:5432/d"));
  EXPECT_FALSE(holds_password("host=h passfile=/x"));
  EXPECT_FALSE(holds_password(""));
}

TEST(Dsn, DefaultsGiveWayToWhatIsWritten) {
  const std::string tcp =
      "keepalives=1 keepalives_idle=10 keepalives_interval=5 keepalives_count=3 "
      "tcp_user_timeout=30000";
  EXPECT_EQ(with_connection_defaults("", false),
            "fallback_application_name=walpulse connect_timeout=10 " + tcp +
                " client_encoding=UTF8 replication=''");
  EXPECT_EQ(with_connection_defaults("host=h connect_timeout=3", false),
            "host=h connect_timeout=3 fallback_application_name=walpulse " + tcp +
                " client_encoding=UTF8 replication=''");
  EXPECT_EQ(with_connection_defaults("keepalives_idle=60 tcp_user_timeout=1", true),
            "keepalives_idle=60 tcp_user_timeout=1 fallback_application_name=walpulse "
            "keepalives=1 keepalives_interval=5 keepalives_count=3 client_encoding=UTF8 "
            "replication=''");
  const std::string uri_tcp =
      "keepalives=1&keepalives_idle=10&keepalives_interval=5&keepalives_count=3&"
      "tcp_user_timeout=30000";
  EXPECT_EQ(with_connection_defaults("postgresql://h/d", true),
            "postgresql://h/d?fallback_application_name=walpulse&" + uri_tcp +
                "&client_encoding=UTF8&replication=");
  EXPECT_EQ(with_connection_defaults("postgres://h/d?sslmode=require", true),
            "postgres://h/d?sslmode=require&fallback_application_name=walpulse&" + uri_tcp +
                "&client_encoding=UTF8&replication=");
  for (const char* dsn : {"replication=database", "replication=on host=h", "replication = true",
                          "postgresql://h/d?replication=database"})
    EXPECT_TRUE(with_connection_defaults(dsn, true).ends_with(
        std::string(dsn).starts_with("post") ? "&replication=" : " replication=''"))
        << dsn;
}

Result<std::string> logging_in(const std::string& dsn,
                               const std::map<std::string, std::string>& environment = {}) {
  return with_password_file(dsn, "/proc/self/fd/7", [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

TEST(PasswordFile, IsAddedWithTlsUnlessTheServerIsHere) {
  EXPECT_EQ(logging_in("host=10.0.0.5 dbname=mage"),
            "host=10.0.0.5 dbname=mage passfile=/proc/self/fd/7 sslmode=require");
  EXPECT_EQ(logging_in("postgresql://u@10.0.0.5/mage"),
            "postgresql://u@10.0.0.5/mage?passfile=/proc/self/fd/7&sslmode=require");
  EXPECT_EQ(logging_in("host=10.0.0.5 sslmode=verify-ca"),
            "host=10.0.0.5 sslmode=verify-ca passfile=/proc/self/fd/7");
  for (const char* here :
       {"host=127.0.0.1", "host=localhost", "host=/cloudsql/p:r:i", "dbname=mage", "host=::1"}) {
    EXPECT_EQ(logging_in(here), std::string(here) + " passfile=/proc/self/fd/7");
  }
  EXPECT_EQ(logging_in("dbname=mage", {{"PGHOST", "10.0.0.5"}}),
            "dbname=mage passfile=/proc/self/fd/7 sslmode=require");
  EXPECT_EQ(logging_in("service=mage"), "service=mage passfile=/proc/self/fd/7 sslmode=require");
  EXPECT_EQ(logging_in("host=127.0.0.1,10.0.0.5"),
            "host=127.0.0.1,10.0.0.5 passfile=/proc/self/fd/7 sslmode=require");
}

TEST(PasswordFile, NeverSendsTheTokenInTheClear) {
  for (const char* mode : {"disable", "allow", "prefer"}) {
    EXPECT_FALSE(logging_in(std::string("host=10.0.0.5 sslmode=") + mode)) << mode;
    EXPECT_FALSE(logging_in("host=10.0.0.5", {{"PGSSLMODE", mode}})) << mode;
    EXPECT_TRUE(logging_in(std::string("host=127.0.0.1 sslmode=") + mode)) << mode;
  }
}

TEST(PasswordFile, IsRefusedWhereAnotherPasswordWouldBeSent) {
  for (const char* dsn : {"host=h password=hunter2", "postgresql://u:hunter2@h/d"}) {
    const auto made = logging_in(dsn);
    ASSERT_FALSE(made) << dsn;
    EXPECT_EQ(made.error().message.find("hunter2"), std::string::npos);
  }
  EXPECT_FALSE(logging_in("host=h", {{"PGPASSWORD", "x"}}));
  EXPECT_FALSE(logging_in("host=h passfile=/home/me/.pgpass"));
}

}  // namespace
}  // namespace walpulse::database
