#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decoder/base/environment.h"
#include "monitor/channels/channel.h"
#include "monitor/channels/secret.h"
#include "monitor/rules/channel_rule.h"
#include "publisher/http/client.h"

namespace walpulse::monitor::channels {

/// What every channel needs. The client must outlive it.
struct ChannelTools {
  http::Client& http;
  Environment environment = {};
  std::string ca_file = {};  ///< Trusted by mail in the place of the machine's; empty: those.
};

/// The channel that a rule describes.
std::unique_ptr<Channel> make_channel(const rules::ChannelRule& rule, ChannelTools tools);

/// The log of this process.
std::unique_ptr<Channel> make_log_channel();

/// Slack, by an incoming webhook, or by chat.postMessage with a bot's token: only that one knows
/// threads and several places (https://docs.slack.dev/reference/methods/chat.postMessage).
struct SlackSettings {
  Secret url;    ///< Of the webhook; or ...
  Secret token;  ///< ... the bot's, "xoxb-...".
  std::string api_url = "https://slack.com/api/chat.postMessage";
};
std::unique_ptr<Channel> make_slack_channel(SlackSettings settings, ChannelTools tools);
/// The ts of the message that an answer of Slack tells of; empty where it tells of none.
std::string thread_in(std::string_view answer);

/// A webhook. Each request has Idempotency-Key and webhook-id, both the delivery's key; a message
/// is sent as webhook_body() says, a call as it is.
struct WebhookSettings {
  Secret url;
  std::string plain_url;  ///< Where the address is no secret.
  Secret token = {};      ///< Sent as a bearer.
  /// Signs as Standard Webhooks says (https://www.standardwebhooks.com): "whsec_" and base64, in
  /// as many lines as keys are in use, the newest first.
  Secret signing_keys = {};
  bool google = false;        ///< Sends a Google identity token, ...
  std::string audience = {};  ///< ... for this audience; empty: the address up to its path.
};
std::unique_ptr<Channel> make_webhook_channel(WebhookSettings settings, ChannelTools tools);

/// PagerDuty's Events API v2: a problem is an incident, triggered and resolved.
struct PagerDutySettings {
  Secret routing_key;
  std::string url = "https://events.pagerduty.com/v2/enqueue";
};
std::unique_ptr<Channel> make_pagerduty_channel(PagerDutySettings settings, ChannelTools tools);

/// Mail, as mail::send_mail() hands it over. Outgoing::target, where there is one, has the
/// recipients, apart by commas.
struct MailSettings {
  std::string url;
  std::string from;
  std::vector<std::string> to;
  Secret user = {}, password = {};
};
std::unique_ptr<Channel> make_mail_channel(MailSettings settings, ChannelTools tools);

}  // namespace walpulse::monitor::channels
