#include <utility>

#include "monitor/channels/channels.h"

namespace walpulse::monitor::channels {
namespace {

/// "mail.example.com:465" speaks TLS from the first byte on (RFC 8314), other ports begin without.
std::string smtp_url(const std::string& server) {
  if (server.find("://") != std::string::npos) return server;
  return (server.ends_with(":465") ? "smtps://" : "smtp://") + server;
}

}  // namespace

std::unique_ptr<Channel> make_channel(const rules::ChannelRule& rule, ChannelTools tools) {
  const Secret url{rule.url_file, rule.url_env}, token{rule.token_file, rule.token_env};
  switch (rule.type) {
    case rules::ChannelType::slack: {
      SlackSettings settings;
      settings.url = url;
      settings.token = token;
      return make_slack_channel(std::move(settings), std::move(tools));
    }
    case rules::ChannelType::webhook: {
      WebhookSettings settings;
      settings.url = url;
      settings.plain_url = rule.url;
      if (rule.auth == rules::WebhookAuth::bearer) settings.token = token;
      settings.signing_keys = {rule.secret_file, rule.secret_env};
      settings.google = rule.auth == rules::WebhookAuth::google;
      settings.audience = rule.audience;
      return make_webhook_channel(std::move(settings), std::move(tools));
    }
    case rules::ChannelType::pagerduty: {
      PagerDutySettings settings;
      settings.routing_key = token;
      if (!rule.url.empty()) settings.url = rule.url;
      return make_pagerduty_channel(std::move(settings), std::move(tools));
    }
    case rules::ChannelType::mail: {
      MailSettings settings;
      settings.url = smtp_url(rule.smtp);
      settings.from = rule.from;
      for (const std::string& to : rule.to)
        if (to.find('{') == std::string::npos) settings.to.push_back(to);
      settings.user = {rule.user_file, rule.user_env};
      settings.password = {rule.password_file, rule.password_env};
      return make_mail_channel(std::move(settings), std::move(tools));
    }
    case rules::ChannelType::log:
      break;
  }
  return make_log_channel();
}

}  // namespace walpulse::monitor::channels
