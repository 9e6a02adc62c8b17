#include "monitor/options/push_options.h"

#include <string_view>

#include "decoder/base/pattern.h"

namespace walpulse::monitor {
namespace {

using config::OptionProblem;

PushAuth default_of(const ServeOptions& options, const Environment& environment) {
  if (is_set(environment, "K_SERVICE")) {
    const bool only_pulls = !options.subscription.empty() && options.push_service_account.empty();
    return only_pulls ? PushAuth::refuse : PushAuth::platform;
  }
  return is_set(environment, "CLOUD_RUN_WORKER_POOL") ? PushAuth::refuse : PushAuth::none;
}

bool checks_tokens(PushAuth auth) { return auth == PushAuth::verify || auth == PushAuth::platform; }

void check_open_door(const ServeOptions& options, std::vector<OptionProblem>& problems) {
  if (!is_loopback(options.http_address) && !options.allow_unauthenticated) {
    problems.push_back(
        {"http-address",
         options.http_address + " is open to others, and pushes would be taken from anybody",
         "say who may push (--push-auth verify --push-audience URL --push-service-account EMAIL), "
         "take none (--push-auth refuse, for a monitor that pulls), or say "
         "--allow-unauthenticated"});
  }
  for (const auto& [key, given] :
       {std::pair("push-audience", !options.push_audience.empty()),
        {"push-service-account", !options.push_service_account.empty()}}) {
    if (!given) continue;
    // The connector has a push-audience too.
    const bool shared = std::string_view(key) == "push-audience";
    problems.push_back({key, "means nothing while no push is checked",
                        "add --push-auth verify, or --push-auth platform behind Cloud Run's own "
                        "check",
                        shared});
  }
}

}  // namespace

bool is_set(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value != nullptr && *value != '\0';
}

const char* name_of(PushAuth auth) {
  switch (auth) {
    case PushAuth::verify:
      return "verify";
    case PushAuth::platform:
      return "platform";
    case PushAuth::none:
      return "none";
    case PushAuth::refuse:
      break;
  }
  return "refuse";
}

bool is_key_url(const std::string& url) {
  static const Pattern https("https://[^[:space:]/?#@]+(/[^[:space:]#]*)?");
  static const Pattern loopback(
      "http://(127[.][0-9.]+|[[]::1]|localhost)(:[0-9]+)?(/[^[:space:]#]*)?");
  return https.matches(url) || loopback.matches(url);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

void settle_push(ServeOptions& options, const Environment& environment) {
  if (options.command == Command::page) return;
  if (!options.push_auth) options.push_auth = default_of(options, environment);
  if (!options.http_address.empty()) return;
  const bool open = *options.push_auth != PushAuth::none || options.allow_unauthenticated;
  options.http_address = open ? "0.0.0.0" : "127.0.0.1";
}

std::vector<OptionProblem> check_push(const ServeOptions& options, const Environment& environment) {
  std::vector<OptionProblem> problems;
  const PushAuth auth = options.push_auth.value_or(PushAuth::none);
  if (auth == PushAuth::none) check_open_door(options, problems);
  if (auth == PushAuth::platform && !is_set(environment, "K_SERVICE")) {
    problems.push_back({"push-auth",
                        "platform trusts that Cloud Run has checked each token, but this is no "
                        "Cloud Run service (K_SERVICE is not set)",
                        "use --push-auth verify here"});
  }
  if (auth == PushAuth::verify && options.push_audience.empty()) {
    problems.push_back({"push-auth", "verify needs to know whom tokens are made out to",
                        "give --push-audience as the subscription has it (its push endpoint where "
                        "it has none), for example --push-audience "
                        "https://walpulse.example.com/push"});
  }
  if (checks_tokens(auth) && options.push_service_account.empty()) {
    problems.push_back(
        {"push-auth", std::string(name_of(auth)) + " needs to know who pushes",
         "give --push-service-account, for example --push-service-account "
         "walpulse-push@my-project.iam.gserviceaccount.com (or take no pushes: --push-auth "
         "refuse)"});
  }
  static const Pattern address("[^[:space:]@]+@[^[:space:]@]+");
  const bool email = address.matches(options.push_service_account);
  if (!options.push_service_account.empty() && !email) {
    problems.push_back({"push-service-account",
                        "'" + options.push_service_account + "' is not an e-mail address"});
  }
  if (!is_key_url(options.push_keys_url)) {
    problems.push_back({"push-keys-url",
                        "'" + options.push_keys_url +
                            "' is not an https URL (plain http is taken from this machine only)"});
  }
  return problems;
}

}  // namespace walpulse::monitor
