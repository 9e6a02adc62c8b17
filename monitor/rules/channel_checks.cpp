#include "monitor/rules/channel_checks.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/secret_places.h"

namespace walpulse::rules {
namespace {

class ChannelChecks {
 public:
  ChannelChecks(ChannelRule& channel, const Node& table, Reporter report)
      : channel_(channel), table_(table), report_(report) {}

  void run();

 private:
  void of_slack();
  void of_webhook();
  void of_mail();
  void keeps_its_secret();

  bool has(std::string_view key) const { return table_.find(key) != nullptr; }
  /// NAME_file or NAME_env.
  bool has_secret(const std::string& name) const {
    return has(name + "_file") || has(name + "_env");
  }
  int line_of(std::string_view key) const {
    const auto entry = std::ranges::find(table_.entries, key, &NodeEntry::key);
    return entry == table_.entries.end() ? table_.line : entry->line;
  }
  /// The first of these that the table has.
  std::string_view given(std::vector<std::string_view> keys) const {
    const auto found = std::ranges::find_if(keys, [&](const auto key) { return has(key); });
    return found == keys.end() ? keys.front() : *found;
  }
  void refuse(std::string_view key, const std::string& what, std::string_view example) {
    report_.add(line_of(key), key, what, example);
  }
  void need(std::string_view key, const std::string& why, std::string_view example) {
    if (!has(key)) refuse(key, "is missing: " + why, example);
  }

  ChannelRule& channel_;
  const Node& table_;
  Reporter report_;
};

constexpr std::string_view kTokenExample = R"(token_file = "/secrets/token")";

void ChannelChecks::of_slack() {
  const bool has_token = has_secret("token");
  const bool has_url = has_secret("url");
  if (has_token == has_url) {
    const std::string_view key = has_token ? given({"url_file", "url_env"}) : "token_file";
    return refuse(key,
                  has_token ? "and a bot token are two ways to one channel: write one of them"
                            : "is missing: Slack has a bot token (token_file or token_env, with "
                              "channel) or an incoming webhook (url_file or url_env)",
                  kTokenExample);
  }
  if (has_token) {
    need("channel", "a bot token writes where it is told to", R"(channel = "#data-{team}")");
  } else if (has("channel")) {
    refuse("channel", "is for a bot token: an incoming webhook has its own channel", kTokenExample);
  }
}

void ChannelChecks::of_webhook() {
  constexpr std::string_view kUrlExample = R"(url = "https://example.com/walpulse")";
  const int addresses = (has("url") ? 1 : 0) + (has_secret("url") ? 1 : 0);
  if (addresses == 0) {
    refuse("url", "is missing: or url_file, url_env where the address is secret", kUrlExample);
  } else if (addresses == 2) {
    refuse("url", "and " + std::string(given({"url_file", "url_env"})) + " are two addresses",
           kUrlExample);
  }
  if (!has("auth") && has_secret("token")) channel_.auth = WebhookAuth::bearer;
  const bool is_bearer = channel_.auth == WebhookAuth::bearer;
  if (is_bearer && !has_secret("token")) {
    refuse("token_file", "is missing: auth = \"bearer\" sends a token", kTokenExample);
  } else if (!is_bearer && has_secret("token")) {
    refuse("auth", "has no use for the token beside it; with one it is bearer",
           R"(auth = "bearer")");
  }
  if (channel_.auth != WebhookAuth::none) keeps_its_secret();
  if (has("audience") && channel_.auth != WebhookAuth::google) {
    refuse("audience", "is of a Google identity token: write auth = \"google\" beside it",
           R"(auth = "google")");
  }
  if (has_secret("url") && channel_.auth == WebhookAuth::google && !has("audience")) {
    refuse("audience", "is missing: it cannot be read off a secret address",
           R"(audience = "https://example.com")");
  }
}

/// A secret address is looked at where it is read.
void ChannelChecks::keeps_its_secret() {
  if (channel_.url.empty()) return;
  if (const auto safe = keeps_secrets(channel_.url); !safe)
    refuse("url", "would carry the token in the clear: http:// is for this machine alone",
           R"(url = "https://example.com/walpulse")");
}

void ChannelChecks::of_mail() {
  need("smtp", "which server takes mail", R"(smtp = "smtp.example.com:587")");
  need("from", "who writes", R"(from = "walpulse@example.com")");
  need("to", "who reads", R"(to = ["data@example.com"])");
  if (has_secret("user") != has_secret("password")) {
    const bool has_user = has_secret("user");
    refuse(has_user ? "password_file" : "user_file",
           std::string("is missing: a user has a ") + (has_user ? "password" : "name"),
           has_user ? R"(password_file = "/secrets/smtp-password")"
                    : R"(user_file = "/secrets/smtp-user")");
  }
}

void ChannelChecks::run() {
  for (const std::string name : {"url", "token", "secret", "user", "password"}) {
    if (!has(name + "_file") || !has(name + "_env")) continue;
    refuse(name + "_env", "and " + name + "_file are two places: write one of them",
           name + "_file = \"/secrets/" + name + "\"");
  }
  if (channel_.type == ChannelType::slack) of_slack();
  if (channel_.type == ChannelType::webhook) of_webhook();
  if (channel_.type == ChannelType::mail) of_mail();
  if (channel_.type == ChannelType::pagerduty && !has_secret("token")) {
    refuse("token_file", "is missing: PagerDuty knows a service by its integration key",
           R"(token_file = "/secrets/pagerduty")");
  }
  if (channel_.type == ChannelType::pagerduty) keeps_its_secret();
}

}  // namespace

void complete_channel(ChannelRule& channel, const Node& table, Reporter report) {
  ChannelChecks(channel, table, report).run();
}

}  // namespace walpulse::rules
