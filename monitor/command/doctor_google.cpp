#include "monitor/command/doctor_google.h"

#include <memory>
#include <string>
#include <utility>

#include "monitor/command/doctor_monitoring.h"
#include "monitor/command/doctor_pubsub.h"
#include "monitor/command/remedy_command.h"
#include "monitor/export/monitoring_setup.h"
#include "publisher/auth/cloud_sql_token_passfile.h"
#include "publisher/auth/token_source.h"
#include "publisher/pubsub/connection.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

/// On Google Cloud a service account is attached to the machine instead.
constexpr const char* kCredentialsRemedy = "gcloud auth application-default login";
constexpr const char* kMonitoringScope = "https://www.googleapis.com/auth/monitoring.write";

/// Which of Google's services the options use, and which of them with credentials.
struct Use {
  bool pubsub = false;
  bool monitoring = false;
  std::vector<std::string> scopes;
};

Use use_of(const ServeOptions& options, const Environment& environment) {
  Use use;
  use.pubsub = !options.subscription.empty() || !options.push_subscription.empty() ||
               !options.dead_letter.empty();
  use.monitoring = options.exports_to("cloud-monitoring");
  if (use.pubsub && auth::takes_tokens(pubsub::endpoint(environment)))
    use.scopes.push_back(pubsub::kScope);
  if (use.monitoring && auth::takes_tokens(options.monitoring_endpoint))
    use.scopes.push_back(kMonitoringScope);
  if (options.cloud_sql_iam) use.scopes.push_back(auth::kCloudSqlLoginScope);
  return use;
}

/// False where there is no token to be had; that is said then.
bool check_credentials(http::Client& http, const Use& use, const Environment& environment,
                       std::vector<Check>& checks) {
  if (use.scopes.empty()) return true;
  auth::CredentialOptions wanted;
  wanted.environment = environment;
  auto tokens = auth::make_default_token_source(http, wanted);
  const auto token = tokens ? (*tokens)->token() : Result<std::string>(forward(tokens));
  if (!token) {
    checks.push_back(doctor::failed("credentials", token.error(), kCredentialsRemedy));
    return false;
  }
  const std::string project = (*tokens)->quota_project();
  checks.push_back({"credentials", Level::ok,
                    "a token of " + (*tokens)->identity() +
                        (project.empty() ? "" : ", quota project " + project)});
  wanted.scopes = use.scopes;
  if (const auto scopes = auth::check_scopes(http, wanted); !scopes) {
    checks.push_back(doctor::failed("scopes", scopes.error(), kCredentialsRemedy));
    return false;
  }
  return true;
}

}  // namespace

std::vector<Check> check_google(http::Client& http, const ServeOptions& options,
                                const Environment& environment) {
  std::vector<Check> checks;
  const Use use = use_of(options, environment);
  if (!check_credentials(http, use, environment, checks)) return checks;
  if (use.pubsub) {
    const auto pubsub = pubsub::connect(http, environment);
    if (!pubsub) {
      checks.push_back(doctor::failed("credentials", pubsub.error(), kCredentialsRemedy));
      return checks;
    }
    check_pubsub(*pubsub->client, options, checks);
  }
  if (!use.monitoring) return checks;
  const auto project = monitoring_project(http, options, environment);
  if (!project) {
    checks.push_back({"monitoring", Level::fail, "it is not known whose metrics these are",
                      doctor_command(options, {{"project", "PROJECT"}})});
    return checks;
  }
  const auto tokens = monitoring_tokens(http, options, environment);
  if (!tokens) {
    checks.push_back(doctor::failed("credentials", tokens.error(), kCredentialsRemedy));
    return checks;
  }
  check_monitoring(http, **tokens, options, *project, checks);
  return checks;
}

Check check_login(const Result<std::string>& identity) {
  if (identity) return {"login", Level::ok, "logging in to the database as " + *identity};
  return doctor::failed("login", identity.error(), kCredentialsRemedy);
}

}  // namespace walpulse::monitor
