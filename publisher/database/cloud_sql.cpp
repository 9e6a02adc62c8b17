#include "publisher/database/cloud_sql.h"

#include "decoder/base/pattern.h"
#include "publisher/database/dsn_parts.h"

namespace walpulse::database {
namespace {

struct Place {
  std::string project = "PROJECT";
  std::string instance = "INSTANCE";
};

/// An IAM user and the project of it.
const Pattern& account() {
  static const Pattern pattern("[a-z0-9-]+@([a-z0-9-]+)[.]iam");
  return pattern;
}

/// The Auth Proxy's and Cloud Run's sockets stand in a folder PROJECT:REGION:INSTANCE; an IAM
/// user's name ends in its project. Nothing else passes: the names go into a shell.
Place place_of(const std::string& dsn) {
  static const Pattern socket(".*/(([a-z0-9.-]+:)?[a-z0-9-]+):[a-z0-9-]+:([a-z0-9-]+)");
  Place place;
  if (const auto user = account().parts(dsn_value(dsn, "user")); !user.empty())
    place.project = user[1];
  if (const auto host = socket.parts(dsn_value(dsn, "host")); !host.empty()) {
    place.project = host[1];
    place.instance = host[3];
  }
  return place;
}

std::string in_place(const Place& place) {
  return place.instance + (place.project == "PROJECT" ? "" : " --project " + place.project);
}

}  // namespace

std::string set_flag_command(const std::string& dsn, const std::string& flag) {
  const std::string instance = in_place(place_of(dsn));
  const std::string name = flag.substr(0, flag.find('='));
  return "gcloud sql instances patch " + instance +
         " --database-flags=\"$(gcloud sql instances describe " + instance +
         " --format=json | jq -r '[(.settings.databaseFlags // [])[] | select(.name != \"" + name +
         "\") | .name + \"=\" + .value] + [\"" + flag + "\"] | join(\",\")')\"";
}

std::string iam_login_command(const std::string& dsn) {
  const Place place = place_of(dsn);
  const std::string named = dsn_value(dsn, "user");
  const std::string user = account().matches(named) ? named : "USER";
  return set_flag_command(dsn, "cloudsql.iam_authentication=on") + " && gcloud sql users create " +
         user + " --instance " + in_place(place) +
         " --type cloud_iam_service_account && gcloud projects add-iam-policy-binding " +
         place.project + " --member serviceAccount:" + user +
         ".gserviceaccount.com --role roles/cloudsql.instanceUser";
}

}  // namespace walpulse::database
