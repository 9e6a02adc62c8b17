#include "monitor/command/doctor_push.h"

#include "monitor/command/remedy_command.h"
#include "monitor/options/push_options.h"
#include "publisher/auth/jwks_cache.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

Check failed_setting(const config::OptionProblem& problem) {
  return {"push", Level::fail, "--" + problem.key + ": " + problem.message,
          problem.remedy.empty() ? "walpulse-monitor serve --help" : problem.remedy};
}

Check check_audience(const ServeOptions& options) {
  const std::string whom =
      options.push_audience.empty() ? "what Cloud Run compares" : "'" + options.push_audience + "'";
  const std::string finding = std::string(name_of(*options.push_auth)) +
                              ": pushes are taken from " + options.push_service_account +
                              ", made out to " + whom;
  if (options.push_audience.empty() || options.push_audience.starts_with("https://") ||
      !options.push_subscription.empty()) {
    return {"push", Level::ok, finding};
  }
  return {"push", Level::warn,
          finding +
              "; a subscription that names no audience uses its push endpoint, an https URL: "
              "doctor compares it with the subscription that pushes",
          doctor_command(options, {{"push-subscription", "projects/PROJECT/subscriptions/NAME"}})};
}

Check check_keys(http::Client& http, const ServeOptions& options) {
  auth::JwksCache ring(http, options.push_keys_url);
  const auto fetched = ring.refresh();
  if (fetched) {
    return {"push keys", Level::ok,
            std::to_string(*fetched) + " keys from " + options.push_keys_url};
  }
  Check check = doctor::failed("push keys", fetched.error());
  check.finding += "; this machine must reach " + options.push_keys_url +
                   " (egress, DNS, HTTPS_PROXY); until then every push is answered with 503";
  if (check.remedy.empty()) check.remedy = "curl -v " + doctor::shell_word(options.push_keys_url);
  return check;
}

void check_push_settings(http::Client& http, const ServeOptions& options,
                         const Environment& environment, std::vector<Check>& checks) {
  const auto problems = check_push(options, environment);
  for (const auto& problem : problems) checks.push_back(failed_setting(problem));
  if (!problems.empty()) return;
  switch (options.push_auth.value_or(PushAuth::refuse)) {
    case PushAuth::refuse:
      return checks.push_back({"push", Level::ok, "refuse: no pushes are taken"});
    case PushAuth::none:
      if (is_loopback(options.http_address))
        return checks.push_back(
            {"push", Level::ok, "none: pushes are taken from this machine alone"});
      return checks.push_back(
          {"push", Level::warn,
           "none: whoever reaches " + options.http_address + " may push events that are counted",
           doctor_command(options, {{"push-auth", "verify"},
                                    {"push-audience", "https://THE_MONITOR/push"},
                                    {"push-service-account", "EMAIL"}})});
    case PushAuth::platform:
      return checks.push_back(check_audience(options));
    case PushAuth::verify:
      checks.push_back(check_audience(options));
      checks.push_back(check_keys(http, options));
  }
}

}  // namespace

std::vector<Check> check_push_door(http::Client& http, const ServeOptions& options,
                                   const Environment& environment) {
  std::vector<Check> checks;
  check_push_settings(http, options, environment, checks);
  return checks;
}

}  // namespace walpulse::monitor
