#include "monitor/command/doctor_google.h"

#include <memory>
#include <string>
#include <utility>

#include "monitor/command/doctor_monitoring.h"
#include "monitor/command/doctor_pubsub.h"
#include "monitor/export/monitoring_setup.h"
#include "publisher/auth/cloud_sql_token_passfile.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/api_error.h"
#include "publisher/pubsub/client.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

constexpr const char* kPubsubScope = "https://www.googleapis.com/auth/pubsub";
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
  const bool plain_pubsub = !pubsub::endpoint(environment).starts_with("https://");
  if (use.pubsub && !plain_pubsub) use.scopes.push_back(kPubsubScope);
  if (use.monitoring && options.monitoring_endpoint.starts_with("https://"))
    use.scopes.push_back(kMonitoringScope);
  if (options.cloud_sql_iam) use.scopes.push_back(auth::kCloudSqlLoginScope);
  return use;
}

/// Null where there is no token to be had; that is said then.
std::unique_ptr<auth::TokenSource> check_credentials(http::Client& http, const Use& use,
                                                     const Environment& environment,
                                                     std::vector<Check>& checks) {
  if (use.scopes.empty()) return auth::make_anonymous_token_source();
  auth::CredentialOptions wanted;
  wanted.environment = environment;
  auto tokens = auth::make_default_token_source(http, wanted);
  const auto token =
      tokens ? (*tokens)->token() : Result<std::string>(tl::unexpected<Error>(tokens.error()));
  if (!token) {
    checks.push_back({"credentials", Level::fail, token.error().message,
                      "attach a service account, or set GOOGLE_APPLICATION_CREDENTIALS"});
    return nullptr;
  }
  const std::string project = (*tokens)->quota_project();
  checks.push_back({"credentials", Level::ok,
                    "a token of " + (*tokens)->identity() +
                        (project.empty() ? "" : ", quota project " + project),
                    ""});
  wanted.scopes = use.scopes;
  if (const auto scopes = auth::check_scopes(http, wanted); !scopes) {
    checks.push_back({"scopes", Level::fail, scopes.error().message, http::kScopeRemedy});
    return nullptr;
  }
  return *std::move(tokens);
}

}  // namespace

std::vector<Check> check_google(http::Client& http, const ServeOptions& options,
                                const Environment& environment) {
  std::vector<Check> checks;
  const Use use = use_of(options, environment);
  const auto tokens = check_credentials(http, use, environment, checks);
  if (!tokens) return checks;
  const auto anonymous = auth::make_anonymous_token_source();
  if (use.pubsub) {
    const std::string endpoint = pubsub::endpoint(environment);
    pubsub::Client pubsub(http, endpoint.starts_with("https://") ? *tokens : *anonymous, endpoint);
    check_pubsub(pubsub, options, checks);
  }
  if (!use.monitoring) return checks;
  const auto project = monitoring_project(http, options, environment);
  if (!project) {
    checks.push_back({"monitoring", Level::fail, "it is not known whose metrics these are",
                      "--project my-project"});
    return checks;
  }
  const bool plain = options.monitoring_endpoint.starts_with("http://");
  check_monitoring(http, plain ? *anonymous : *tokens, options, *project, checks);
  return checks;
}

Check check_login(const Result<std::string>& identity) {
  if (identity) return {"login", Level::ok, "logging in to the database as " + *identity, ""};
  return failed_check("login", identity.error(),
                      "attach a service account, or set GOOGLE_APPLICATION_CREDENTIALS");
}

}  // namespace walpulse::monitor
