// Sends what lines of JSON on stdin describe through the channel that they describe, and prints
// what became of each: {"verdict", "retry_after", "text", "thread"}. For
// tests_integration/monitor/test_channels.py, which stands in for the receivers.

#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "decoder/base/clock.h"
#include "decoder/base/json_dom.h"
#include "monitor/channels/channels.h"
#include "monitor/messages/compose.h"

namespace {

using namespace walpulse;
using namespace walpulse::monitor;

std::string text(const nlohmann::json& json, const char* name) {
  return json.value(name, std::string());
}

channels::Secret secret(const nlohmann::json& json, const char* name) {
  return {text(json, name), ""};
}

std::unique_ptr<Channel> channel_of(const nlohmann::json& json, http::Client& http) {
  const channels::ChannelTools tools{http, {}, text(json, "ca_file")};
  const std::string type = text(json, "type");
  if (type == "slack") {
    channels::SlackSettings settings{secret(json, "url_file"), secret(json, "token_file")};
    if (json.contains("api_url")) settings.api_url = text(json, "api_url");
    return channels::make_slack_channel(settings, tools);
  }
  if (type == "pagerduty")
    return channels::make_pagerduty_channel({secret(json, "key_file"), text(json, "url")}, tools);
  if (type == "mail") {
    channels::MailSettings settings;
    settings.url = text(json, "url");
    settings.from = text(json, "from");
    settings.to = json.value("to", std::vector<std::string>());
    settings.user = secret(json, "user_file");
    settings.password = secret(json, "password_file");
    return channels::make_mail_channel(settings, tools);
  }
  channels::WebhookSettings settings;
  settings.plain_url = text(json, "url");
  settings.url = secret(json, "url_file");
  settings.token = secret(json, "token_file");
  settings.signing_keys = secret(json, "signing_file");
  settings.google = json.value("google", false);
  settings.audience = text(json, "audience");
  return channels::make_webhook_channel(settings, tools);
}

/// One problem that is open, or over, of a pipeline of this name.
std::string content_of(const nlohmann::json& json) {
  Notice notice;
  notice.id = 1;
  notice.problem.id = 12;
  notice.problem.finding.key = {ProblemKind::failing, "mage", text(json, "pipeline"), ""};
  notice.problem.finding.since = wall_clock() - std::chrono::minutes(3);
  notice.problem.finding.evidence = {{"failed_in_a_row", "2"}, {"run", "812"}};
  notice.problem.opened = notice.problem.finding.since;
  if (json.value("over", false)) {
    notice.phase = Notice::Phase::closed;
    notice.problem.closed = wall_clock();
  }
  messages::MessageContext context;
  context.now = wall_clock();
  context.page_url = "https://walpulse.example.com";
  messages::Message message = messages::compose({&notice, 1}, context);
  message.thread = text(json, "thread");
  return messages::to_json(message);
}

}  // namespace

int main() {
  const auto http = http::make_client({.response_bytes_max = 1u << 20});
  for (std::string line; std::getline(std::cin, line);) {
    const nlohmann::json json = parse_json(line);
    Outgoing outgoing;
    outgoing.key = text(json, "key");
    outgoing.target = text(json, "target");
    if (json.contains("call")) {
      outgoing.kind = Delivery::Kind::call;
      outgoing.content = text(json, "call");
    } else {
      outgoing.content = content_of(json);
    }
    const auto channel = channel_of(json.at("channel"), *http);
    std::stop_source stop;
    std::jthread stopper;
    if (const int after = json.value("stop_after_ms", 0); after != 0)
      stopper = std::jthread([&stop, after] {
        std::this_thread::sleep_for(std::chrono::milliseconds(after));
        stop.request_stop();
      });
    const Answer answer = channel->send(
        outgoing, std::chrono::milliseconds(json.value("deadline_ms", 10'000)), stop.get_token());
    constexpr std::array kVerdicts = {"taken", "partly", "again", "never"};
    nlohmann::json shown = {{"verdict", kVerdicts[static_cast<std::size_t>(answer.verdict)]},
                            {"text", answer.text},
                            {"thread", channels::thread_in(answer.text)}};
    if (answer.retry_after) shown["retry_after"] = answer.retry_after->count();
    std::cout << dump_json(shown) << std::endl;
  }
}
