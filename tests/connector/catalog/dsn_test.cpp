#include "connector/catalog/dsn.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
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
  EXPECT_EQ(
      with_connection_defaults("", false),
      "fallback_application_name=walpulse connect_timeout=10 " + tcp + " client_encoding=UTF8");
  EXPECT_EQ(with_connection_defaults("host=h connect_timeout=3", false),
            "host=h connect_timeout=3 fallback_application_name=walpulse " + tcp +
                " client_encoding=UTF8");
  EXPECT_EQ(with_connection_defaults("keepalives_idle=60 tcp_user_timeout=1", true),
            "keepalives_idle=60 tcp_user_timeout=1 fallback_application_name=walpulse "
            "keepalives=1 keepalives_interval=5 keepalives_count=3 client_encoding=UTF8");
  const std::string uri_tcp =
      "keepalives=1&keepalives_idle=10&keepalives_interval=5&keepalives_count=3&"
      "tcp_user_timeout=30000";
  EXPECT_EQ(
      with_connection_defaults("postgresql://h/d", true),
      "postgresql://h/d?fallback_application_name=walpulse&" + uri_tcp + "&client_encoding=UTF8");
  EXPECT_EQ(with_connection_defaults("postgres://h/d?sslmode=require", true),
            "postgres://h/d?sslmode=require&fallback_application_name=walpulse&" + uri_tcp +
                "&client_encoding=UTF8");
}

}  // namespace
}  // namespace walpulse::connector
