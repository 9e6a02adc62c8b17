#include "publisher/database/dsn_parts.h"

#include <gtest/gtest.h>

#include "publisher/database/dsn.h"

namespace walpulse::database {
namespace {

TEST(DsnParts, AreFoundInEitherForm) {
  EXPECT_EQ(dsn_value("host=h dbname='my mage' user=cap", "dbname"), "my mage");
  EXPECT_EQ(dsn_value("postgresql://cap@h:6432/mage", "port"), "6432");
  EXPECT_EQ(dsn_value("host=h", "user"), "");
  EXPECT_EQ(dsn_value("no connection string", "user"), "");
}

TEST(ShownDsn, HoldsNoPasswordWhereverItStood) {
  for (const char* dsn : {"host=h password=hunter2", "postgresql://u:hunter2@h/d",
                          "postgresql://h/d?password=hunter2", "host=h sslpassword='hunter2'"}) {
    EXPECT_EQ(shown_dsn(dsn).find("hunter2"), std::string::npos) << dsn;
    EXPECT_EQ(dsn_value(shown_dsn(dsn), "host"), "h") << dsn;
  }
}

TEST(ShownDsn, IsTheSameConnectionWithWhatIsChanged) {
  EXPECT_EQ(shown_dsn("user=cap dbname=mage host=10.0.0.5", {{"user", "mage"}}),
            "host=10.0.0.5 dbname=mage user=mage");
  EXPECT_EQ(shown_dsn("postgresql://cap@h:6432/mage?sslmode=require"),
            "host=h port=6432 dbname=mage user=cap sslmode=require");
  EXPECT_EQ(shown_dsn("host=h passfile=/tmp/token", {{"passfile", ""}}), "host=h");
  EXPECT_EQ(shown_dsn("", {{"dbname", "mage"}, {"user", "mage"}}), "dbname=mage user=mage");
  EXPECT_EQ(shown_dsn(""), "");
}

TEST(ShownDsn, LibpqReadsBackWhateverANameHolds) {
  for (const char* name : {"it's", "a b", "a\\b", "a\nb", "\"", "=", "a=b"}) {
    const std::string shown = shown_dsn("host=h", {{"user", name}});
    EXPECT_TRUE(is_connection_string(shown)) << shown;
    EXPECT_EQ(dsn_value(shown, "user"), name);
    EXPECT_EQ(dsn_value(shown, "host"), "h");
  }
}

TEST(PasswordFileLine, SaysWhatIsKnownAndStandsInForTheRest) {
  EXPECT_EQ(password_file_line("host=10.0.0.5 dbname=mage user=walpulse", "walpulse"),
            "10.0.0.5:5432:mage:walpulse:PASSWORD");
  EXPECT_EQ(password_file_line("", "walpulse"), "HOST:5432:DATABASE:walpulse:PASSWORD");
  EXPECT_EQ(password_file_line("host=a,b port=1,2 dbname=d", "r"), "*:*:d:r:PASSWORD");
  EXPECT_EQ(password_file_line("host=::1 dbname=d", "a:b\\c"),
            "\\:\\:1:5432:d:a\\:b\\\\c:PASSWORD");
  EXPECT_EQ(password_file_line("host=/var/run/postgresql port=5433 dbname=d", "r"),
            "localhost:5433:d:r:PASSWORD");
}

}  // namespace
}  // namespace walpulse::database
