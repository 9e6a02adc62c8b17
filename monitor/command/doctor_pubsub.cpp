#include "monitor/command/doctor_pubsub.h"

#include "monitor/command/remedy_command.h"
#include "monitor/intake/pull_intake.h"
#include "monitor/intake/push_authenticator.h"
#include "monitor/options/push_options.h"
#include "publisher/doctor/shell_command.h"
#include "publisher/http/api_error.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

constexpr const char* kSubscriptionCheck = "subscription";
constexpr const char* kPush = "push";

/// "projects/P/<kind>s/NAME" as gcloud's commands want it: "NAME --project P".
std::string named(const std::string& resource) {
  const std::size_t project = resource.find('/');
  const std::size_t end = project == resource.npos ? project : resource.find('/', project + 1);
  const std::size_t last = resource.rfind('/');
  if (end == resource.npos) return resource;
  return resource.substr(last + 1) + " --project " +
         resource.substr(project + 1, end - project - 1);
}

std::string gcloud(const std::string& what, const std::string& subscription) {
  return "gcloud pubsub subscriptions " + what + " " + named(subscription);
}

/// What is said where that takes another subscription: for what cannot be changed once it is made.
constexpr const char* kMadeAnew =
    ". Make another one, name that one here and at the monitor, and delete this one when it is "
    "empty";

std::string made_anew(const std::string& subscription, const std::string& topic) {
  return gcloud("create", subscription + "-2") + " --topic " +
         (topic.starts_with("projects/") ? doctor::shell_word(topic) : "TOPIC") +
         " --expiration-period never";
}

/// "https://host:port" of "https://host:port/path?query".
std::string origin_of(const std::string& url) {
  const std::size_t host = url.find("://");
  return host == url.npos ? url : url.substr(0, url.find_first_of("/?", host + 3));
}

std::string path_of(const std::string& url) {
  const std::string path = url.substr(origin_of(url).size());
  return path.substr(0, path.find('?'));
}

void check_token(const ServeOptions& options, const pubsub::SubscriptionSettings& settings,
                 const std::string& remedy, std::vector<Check>& checks) {
  const std::string& audience =
      settings.push_audience.empty() ? settings.push_endpoint : settings.push_audience;
  if (settings.push_account.empty()) {
    checks.push_back({kPush, Level::fail, "it pushes without an OIDC token, and is refused: 401",
                      remedy + " --push-auth-service-account=" +
                          doctor::shell_word(options.push_service_account)});
    return;
  }
  const auto mend = [&](const std::string& finding, const char* option, const std::string& value,
                        const std::string& more) {
    Check check{kPush, Level::fail, finding + ": every push is refused with 403",
                remedy + " --push-auth-service-account=" +
                    doctor::shell_word(options.push_service_account) + more};
    check.otherwise = doctor_command(options, {{option, value}});
    checks.push_back(std::move(check));
  };
  if (settings.push_account != options.push_service_account) {
    mend("it pushes as " + settings.push_account + ", --push-service-account says " +
             options.push_service_account,
         "push-service-account", settings.push_account, "");
  }
  if (!options.push_audience.empty() && audience != options.push_audience) {
    mend("its tokens are made out to '" + audience + "', --push-audience says '" +
             options.push_audience + "'",
         "push-audience", audience,
         " --push-auth-token-audience=" + doctor::shell_word(options.push_audience));
  }
}

/// Nothing where its settings cannot be read; that is said then.
std::optional<pubsub::SubscriptionSettings> settings_of(pubsub::Client& pubsub,
                                                        const std::string& name,
                                                        std::vector<Check>& checks) {
  auto settings = pubsub.subscription_settings(name);
  if (settings) return *std::move(settings);
  const Error& error = settings.error();
  if (!http::lacks_role(error)) {
    checks.push_back(doctor::failed(kSubscriptionCheck, error));
  } else {
    checks.push_back({kSubscriptionCheck, Level::warn,
                      "how " + name +
                          " is set is not for these credentials to read; whoever has "
                          "roles/pubsub.viewer can",
                      gcloud("describe", name)});
  }
  return std::nullopt;
}

void add_all(std::vector<Check> more, std::vector<Check>& checks) {
  for (Check& check : more) checks.push_back(std::move(check));
}

}  // namespace

std::vector<Check> check_subscription(const std::string& name,
                                      const pubsub::SubscriptionSettings& settings) {
  const std::string anew = made_anew(name, settings.topic);
  if (settings.topic == "_deleted-topic_" || settings.detached)
    return {{kSubscriptionCheck, Level::fail,
             name + (settings.detached ? " is detached" : " has lost its topic") +
                 ": nothing comes any more" + kMadeAnew,
             anew}};
  if (settings.archives)
    return {{kSubscriptionCheck, Level::fail,
             name +
                 " writes its messages to BigQuery, Cloud Storage or Bigtable: none is left for "
                 "the monitor" +
                 kMadeAnew,
             anew}};
  std::vector<Check> checks;
  if (!settings.dead_letter_topic.empty())
    checks.push_back({kSubscriptionCheck, Level::fail,
                      "its dead-letter policy moves messages to " + settings.dead_letter_topic +
                          " after a few failed deliveries: an outage of the ledger is enough, and "
                          "they are never counted",
                      gcloud("update", name) + " --clear-dead-letter-policy"});
  if (settings.ordered)
    checks.push_back({kSubscriptionCheck, Level::warn,
                      "it is ordered, which the monitor does not need: a message that waits holds "
                      "up all of its key, and one refused brings them all again" +
                          std::string(kMadeAnew),
                      anew});
  if (!settings.expires_after.empty())
    checks.push_back({kSubscriptionCheck, Level::warn,
                      "it is deleted, with what waits in it, after " + settings.expires_after +
                          " in which nobody takes anything",
                      gcloud("update", name) + " --expiration-period=never"});
  if (!settings.filter.empty()) {
    const bool wanted = settings.filter.find("ce-source") != std::string::npos;
    checks.push_back({kSubscriptionCheck, wanted ? Level::ok : Level::warn,
                      "what does not pass its filter is never counted: " + settings.filter +
                          (wanted ? "" : kMadeAnew),
                      wanted ? "" : anew});
  }
  if (checks.empty())
    checks.push_back({kSubscriptionCheck, Level::ok,
                      name + ": unordered, never expires, no dead-letter policy, no filter"});
  return checks;
}

std::vector<Check> check_lateness(const std::string& name,
                                  const pubsub::SubscriptionSettings& settings,
                                  std::chrono::milliseconds settle) {
  const auto backoff = settings.backoff_max.value_or(std::chrono::seconds(0));
  const auto latest = settings.ack_deadline + backoff;
  if (latest < settle) return {};
  const auto text = [](std::chrono::milliseconds time) {
    const bool whole = time % std::chrono::seconds(1) == std::chrono::milliseconds(0);
    return whole ? std::to_string(time.count() / 1'000) + " s"
                 : std::to_string(time.count()) + " ms";
  };
  const std::string longer = std::to_string(latest.count() + 60) + "s";
  Check check{kSubscriptionCheck, Level::warn,
              "a message may come " + text(settings.ack_deadline) +
                  " (acknowledgement deadline) and " + text(backoff) +
                  " (greatest retry backoff) late, --settle waits " + text(settle) +
                  ": a duration may be counted before a change that belongs to it"};
  const std::string wait = "walpulse-monitor doctor --settle " + longer;
  const bool shorten = backoff > std::chrono::seconds(60);
  check.remedy = shorten ? gcloud("update", name) + " --max-retry-delay=60s" : wait;
  if (shorten) check.otherwise = wait;
  return {check};
}

Check check_pulled(const std::string& name, const pubsub::SubscriptionSettings& settings) {
  if (settings.push_endpoint.empty()) return {"pull", Level::ok, "it is there to be pulled"};
  return {"pull", Level::fail,
          "it pushes to " + settings.push_endpoint +
              ", so that nothing can be pulled from it; or leave --subscription out, and take its "
              "pushes",
          gcloud("modify-push-config", name) + " --push-endpoint="};
}

std::vector<Check> check_pushing(const ServeOptions& options,
                                 const pubsub::SubscriptionSettings& settings) {
  const std::string& name = options.push_subscription;
  const std::string modify = gcloud("modify-push-config", name) + " --push-endpoint=";
  const std::string pull =
      doctor_command(options, {{"push-subscription", ""}, {"subscription", name}});
  if (settings.push_endpoint.empty()) {
    Check check{kPush, Level::fail, name + " pushes nowhere: it waits to be pulled",
                modify + "https://THE_MONITOR/push"};
    check.otherwise = pull;
    return {check};
  }
  const PushAuth auth = options.push_auth.value_or(PushAuth::refuse);
  if (auth == PushAuth::refuse) {
    Check check{kPush, Level::fail, name + " pushes, and --push-auth refuse lets nobody in",
                doctor_command(options, {{"push-auth", "verify"}})};
    check.otherwise = pull;
    return {check};
  }
  std::vector<Check> checks;
  const std::string remedy = modify + doctor::shell_word(settings.push_endpoint);
  const std::string path = path_of(settings.push_endpoint);
  if (!path.empty() && !PushAuthenticator::is_push_path(path))
    checks.push_back({kPush, Level::fail,
                      "it pushes to " + path + ", the monitor takes messages on / and /push",
                      modify + doctor::shell_word(origin_of(settings.push_endpoint) + "/push")});
  if (settings.push_unwrapped)
    checks.push_back({kPush, Level::fail, "it pushes payloads without their envelope",
                      gcloud("update", name) + " --clear-push-no-wrapper-config"});
  if (auth != PushAuth::none) check_token(options, settings, remedy, checks);
  if (checks.empty())
    checks.push_back({kPush, Level::ok,
                      name + " pushes to " + settings.push_endpoint + " as --push-auth wants it"});
  return checks;
}

void check_pubsub(pubsub::Client& pubsub, const ServeOptions& options, std::vector<Check>& checks) {
  if (!options.subscription.empty()) {
    const auto may = pubsub.may_consume(options.subscription);
    if (!may) checks.push_back(doctor::failed("pull", may.error()));
    if (may && *may) {
      checks.push_back({"pull", Level::ok, "pulling and acknowledging are allowed"});
    }
    if (auto settings = settings_of(pubsub, options.subscription, checks)) {
      if (may || !settings->push_endpoint.empty()) {
        checks.push_back(check_pulled(options.subscription, *settings));
      }
      add_all(check_subscription(options.subscription, *settings), checks);
      // While the ledger is slow, deadlines are extended.
      settings->ack_deadline = std::max(settings->ack_deadline, PullOptions().extension);
      add_all(check_lateness(options.subscription, *settings, options.settle), checks);
    }
  }
  if (!options.push_subscription.empty()) {
    if (const auto settings = settings_of(pubsub, options.push_subscription, checks)) {
      add_all(check_pushing(options, *settings), checks);
      add_all(check_subscription(options.push_subscription, *settings), checks);
      add_all(check_lateness(options.push_subscription, *settings, options.settle), checks);
    }
  }
  if (options.dead_letter.empty()) return;
  const auto may = pubsub.may_publish(topic_of(options.dead_letter).value_or(""));
  if (!may) return checks.push_back(doctor::failed("dead letter", may.error()));
  checks.push_back(
      {"dead letter", Level::ok, options.dead_letter + (*may ? " takes messages" : " is there")});
}

}  // namespace walpulse::monitor
