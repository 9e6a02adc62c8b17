#include "monitor/doctor_push.h"

#include "monitor/options/push_options.h"
#include "publisher/gcp/key_ring.h"
#include "publisher/gcp/pubsub_client.h"
#include "publisher/gcp/token_source.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

/// "--push-auth: what is wrong, what to do".
Check failed_setting(const std::string& problem) {
  return {"push", Level::fail, problem, "see walpulse-monitor serve --help, --push-auth"};
}

Check check_audience(const ServeOptions& options) {
  const std::string whom =
      options.push_audience.empty() ? "what Cloud Run compares" : "'" + options.push_audience + "'";
  const std::string finding = std::string(name_of(*options.push_auth)) +
                              ": pushes are taken from " + options.push_service_account +
                              ", made out to " + whom;
  if (options.push_audience.empty() || options.push_audience.starts_with("https://")) {
    return {"push", Level::ok, finding, ""};
  }
  return {"push", Level::warn,
          finding + "; a subscription that names no audience uses its push endpoint, an https URL",
          "compare: gcloud pubsub subscriptions describe SUBSCRIPTION --format "
          "'value(pushConfig.oidcToken.audience,pushConfig.pushEndpoint)'"};
}

Check check_keys(gcp::HttpClient& http, const ServeOptions& options) {
  gcp::KeyRing ring(http, options.push_keys_url);
  const auto fetched = ring.refresh();
  if (fetched) {
    return {"push keys", Level::ok,
            std::to_string(*fetched) + " keys from " + options.push_keys_url, ""};
  }
  return {"push keys", Level::fail, fetched.error().message,
          "let this machine reach " + options.push_keys_url +
              " (egress, DNS, HTTPS_PROXY); until then every push is answered with 503"};
}

void check_push_door(gcp::HttpClient& http, const ServeOptions& options,
                     const Environment& environment, std::vector<Check>& checks) {
  const auto problems = check_push(options, environment);
  for (const std::string& problem : problems) checks.push_back(failed_setting(problem));
  if (!problems.empty()) return;
  switch (options.push_auth.value_or(PushAuth::refuse)) {
    case PushAuth::refuse:
      return checks.push_back({"push", Level::ok, "refuse: no pushes are taken", ""});
    case PushAuth::none:
      if (is_loopback(options.http_address))
        return checks.push_back(
            {"push", Level::ok, "none: pushes are taken from this machine alone", ""});
      return checks.push_back(
          {"push", Level::warn,
           "none: whoever reaches " + options.http_address + " may push events that are counted",
           "--push-auth verify"});
    case PushAuth::platform:
      return checks.push_back(check_audience(options));
    case PushAuth::verify:
      checks.push_back(check_audience(options));
      checks.push_back(check_keys(http, options));
  }
}

void check_credentials(gcp::HttpClient& http, const ServeOptions& options,
                       const Environment& environment, std::vector<Check>& checks) {
  const bool monitoring =
      options.exports_to("cloud-monitoring") && options.monitoring_endpoint.starts_with("https://");
  const bool pubsub = (!options.subscription.empty() || !options.dead_letter.empty()) &&
                      gcp::pubsub_endpoint(environment).starts_with("https://");
  if (!monitoring && !pubsub) return;
  gcp::CredentialOptions wanted;
  wanted.environment = environment;
  const auto tokens = gcp::make_default_token_source(http, wanted);
  const auto token =
      tokens ? (*tokens)->token() : Result<std::string>(tl::unexpected<Error>(tokens.error()));
  if (!token) {
    return checks.push_back({"credentials", Level::fail, token.error().message,
                             "attach a service account, or set GOOGLE_APPLICATION_CREDENTIALS"});
  }
  const std::string project = (*tokens)->quota_project();
  checks.push_back({"credentials", Level::ok,
                    "a token of " + (*tokens)->identity() + " with the scope cloud-platform" +
                        (project.empty() ? "" : ", quota project " + project),
                    ""});
}

}  // namespace

std::vector<Check> check_identity(gcp::HttpClient& http, const ServeOptions& options,
                                  const Environment& environment) {
  std::vector<Check> checks;
  check_push_door(http, options, environment, checks);
  check_credentials(http, options, environment, checks);
  return checks;
}

}  // namespace walpulse::monitor
