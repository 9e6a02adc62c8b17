#include "publisher/database/cloud_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::database {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CloudSql, SetsAFlagAndKeepsTheOthers) {
  EXPECT_EQ(
      set_flag_command("host=10.0.0.5", "cloudsql.logical_decoding=on"),
      "gcloud sql instances patch INSTANCE --database-flags=\"$(gcloud sql instances describe "
      "INSTANCE --format=json | jq -r '[(.settings.databaseFlags // [])[] | select(.name != "
      "\"cloudsql.logical_decoding\") | .name + \"=\" + .value] + "
      "[\"cloudsql.logical_decoding=on\"] | join(\",\")')\"");
  EXPECT_THAT(set_flag_command("host=/cloudsql/my-project:europe-west1:mage-db", "a=b"),
              HasSubstr("instances patch mage-db --project my-project --database-flags="));
}

TEST(CloudSql, ALoginByTokenNeedsFlagUserAndRole) {
  const auto command = iam_login_command(
      "host=/cloudsql/my-project:europe-west1:mage-db user=connector@other-project.iam");
  EXPECT_THAT(command, HasSubstr("cloudsql.iam_authentication=on"));
  EXPECT_THAT(command, HasSubstr("users create connector@other-project.iam --instance mage-db "
                                 "--project my-project --type cloud_iam_service_account"));
  EXPECT_THAT(command, HasSubstr("--member serviceAccount:connector@other-project.iam."
                                 "gserviceaccount.com --role roles/cloudsql.instanceUser"));
}

TEST(CloudSql, NothingThatAShellReadsComesOutOfAConnectionString) {
  for (const char* dsn : {"host='/x/a:b:$(id)' user='$(id)@p.iam'", "host=::1 user='a b@c.iam'"}) {
    EXPECT_THAT(iam_login_command(dsn), Not(HasSubstr("id)@")));
    EXPECT_THAT(iam_login_command(dsn), HasSubstr("patch INSTANCE"));
  }
}

}  // namespace
}  // namespace walpulse::database
