#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/messages/message.h"

/// A message in the words of each receiver. Pure; names in it are texts to every one of them.
namespace walpulse::monitor::messages {

/// As Slack reads text of blocks (https://docs.slack.dev/messaging/formatting-message-text):
/// nothing in it is a mention, a link or markup.
std::string slack_escaped(std::string_view text);

/// Of chat.postMessage; a webhook takes neither.
struct SlackPlace {
  std::string channel;  ///< "#data", or an id.
  std::string thread;   ///< The ts of the message below which it goes; empty: none.
};
/// The JSON body for Slack: a section for each part, and a first line for telephones. Within
/// Slack's limits of 50 blocks and 3,000 characters a section.
std::string slack_body(const Message& message, const SlackPlace& place = {});

/// The JSON body of a webhook, as Standard Webhooks recommends it: type, timestamp, data.
std::string webhook_body(const Message& message);

/// Events of PagerDuty's Events API v2, one for each problem. `routing_key` is a secret.
std::vector<std::string> pagerduty_events(const Message& message, std::string_view routing_key);

struct MailText {
  std::string subject;  ///< One line of UTF-8.
  std::string body;     ///< Plain text, lines ended by "\n".
};
MailText mail_text(const Message& message);

/// One line of the log.
struct LogLine {
  std::string severity = "INFO";  ///< "ERROR", "WARNING".
  std::string message;
  std::string fields;  ///< JSON members without braces, as telemetry::log_structured takes them.
  std::string group;
};
/// One for each part of a message.
std::vector<LogLine> log_lines(const Message& message);

}  // namespace walpulse::monitor::messages
