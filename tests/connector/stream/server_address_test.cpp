#include "connector/stream/server_address.h"

#include <gtest/gtest.h>

#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

TEST(ServerAddress, OfSeveralServersOneIsAsked) {
  for (const char* dsn : {"host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5432,5433 dbname=mage "
                          "target_session_attrs=primary",
                          "postgresql://a:5432,b:5433/"
                          "mage?target_session_attrs=read-write&hostaddr=10.0.0.1,10.0.0.2",
                          "dbname=mage"}) {
    EXPECT_EQ(with_server(dsn, {"b", "10.0.0.2", "5433"}),
              "dbname='mage' host='b' hostaddr='10.0.0.2' port='5433' target_session_attrs='any'");
  }
}

TEST(ServerAddress, ASocketHasNoAddressAndValuesStayWhole) {
  const auto dsn = with_server(R"(user='a b' password='it\'s \\')", {"/run/pg", "", "5432"});
  EXPECT_EQ(dsn, R"(host='/run/pg' hostaddr='' password='it\'s \\' port='5432' )"
                 R"(target_session_attrs='any' user='a b')");
  EXPECT_TRUE(database::is_connection_string(dsn));
}

}  // namespace
}  // namespace walpulse::connector
