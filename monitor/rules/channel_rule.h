#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/place.h"

namespace walpulse::rules {

enum class ChannelType : std::uint8_t { log, slack, webhook, pagerduty, mail };
inline constexpr std::array<std::string_view, 5> kChannelTypes = {"log", "slack", "webhook",
                                                                  "pagerduty", "mail"};

/// How much of a run leaves the house with a message.
enum class Details : std::uint8_t {
  all,
  names,  ///< No labels, blocks or errors.
  none,   ///< Only that there is something, and the link.
};
inline constexpr std::array<std::string_view, 3> kDetails = {"all", "names", "none"};

/// How a webhook knows who calls.
enum class WebhookAuth : std::uint8_t { none, bearer, google };
inline constexpr std::array<std::string_view, 3> kWebhookAuths = {"none", "bearer", "google"};

/// A [channel.NAME]: whom messages and calls go to. It holds no secret, only where one is: the
/// absolute path of a file (*_file) or the name of a variable (*_env). Of both at most one is
/// given.
struct ChannelRule {
  std::string name;
  ChannelType type = ChannelType::log;
  Place place = {};
  Details details = Details::all;

  std::string url;                    ///< Of a webhook or PagerDuty; has no secret in it.
  std::string url_file, url_env;      ///< Of a webhook, or of a Slack webhook.
  std::string token_file, token_env;  ///< Slack's bot token, a bearer token, an integration key.

  WebhookAuth auth = WebhookAuth::none;
  std::string audience;                 ///< Of a Google identity token; empty: the URL's origin.
  std::string secret_file, secret_env;  ///< What signs a webhook (Standard Webhooks).

  std::string channel;  ///< Slack's, with a bot token: "#data-{team}".

  std::string smtp;  ///< "smtp.example.com:587", "smtps://smtp.example.com".
  std::string from;
  std::vector<std::string> to;  ///< Addresses; one at least has no {placeholder}.
  std::string user_file, user_env, password_file, password_env;

  /// Whether it is the same channel, wherever a file has it.
  bool is_same(ChannelRule other) const {
    other.place = place;
    return *this == other;
  }
  bool operator==(const ChannelRule&) const = default;
};

}  // namespace walpulse::rules
