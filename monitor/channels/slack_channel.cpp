#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/json_dom.h"
#include "monitor/channels/channels.h"
#include "monitor/channels/verdict.h"
#include "monitor/messages/formats.h"
#include "monitor/rules/secret_places.h"
#include "publisher/http/json_member.h"

namespace walpulse::monitor::channels {
namespace {

constexpr std::string_view kThreadMark = "ts=";

/// Errors of chat.postMessage that pass
/// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
bool passes(const std::string& error) {
  constexpr std::array<std::string_view, 8> kPassing = {
      "ratelimited",         "rate_limited",    "internal_error",    "fatal_error",
      "service_unavailable", "request_timeout", "team_added_to_org", "org_login_required"};
  return std::ranges::count(kPassing, error) != 0;
}

std::string remedy_of(const std::string& error) {
  if (error == "not_in_channel" || error == "channel_not_found")
    return "; invite the app to the channel (/invite @NAME), or give it chat:write.public";
  if (error == "invalid_auth" || error == "not_authed" || error == "token_revoked" ||
      error == "token_expired" || error == "account_inactive")
    return "; put the bot's token (xoxb-...) into its file";
  if (error == "missing_scope") return "; give the app the scope chat:write";
  if (error == "is_archived") return "; the channel is archived: name another one";
  return "";
}

class SlackChannel final : public Channel {
 public:
  SlackChannel(SlackSettings settings, ChannelTools tools)
      : settings_(std::move(settings)), tools_(std::move(tools)) {}

  Answer send(const Outgoing& outgoing, std::chrono::milliseconds deadline,
              std::stop_token stop) override {
    const auto message = messages::message_from(outgoing.content);
    if (!message) return never(to_string(message.error()));
    const bool as_bot = settings_.token.is_set();
    const auto secret = read_secret(as_bot ? settings_.token : settings_.url, tools_.environment);
    const auto key = key_header(outgoing.key);
    Redaction redaction;
    if (!key) return verdict_of(key.error(), redaction);
    if (!secret) return verdict_of(secret.error(), redaction);
    if (as_bot)
      redaction.add(*secret);
    else
      redaction.add_address(*secret);
    http::Request request;
    request.url = as_bot ? settings_.api_url : *secret;
    if (const auto safe = rules::keeps_secrets(request.url); !safe)
      return verdict_of(safe.error(), redaction);
    request.headers = {"Content-Type: application/json; charset=utf-8", *key};
    if (as_bot) request.headers.push_back("Authorization: Bearer " + *secret);
    const std::string body = messages::slack_body(
        *message,
        as_bot ? messages::SlackPlace{outgoing.target, message->thread} : messages::SlackPlace{});
    request.body = body;
    request.timeout = deadline;
    request.stop = std::move(stop);
    const auto response = tools_.http.send(request);
    if (!response) return verdict_of(response.error(), redaction);
    Answer answer = verdict_of(*response, redaction, wall_clock());
    return as_bot && answer.verdict == Answer::Verdict::taken ? judged(*response, redaction)
                                                              : answer;
  }

 private:
  /// chat.postMessage answers 200 whatever became of it.
  static Answer judged(const http::Response& response, const Redaction& redaction) {
    const nlohmann::json json = parse_json(response.body);
    const auto ok = json.is_object() ? json.find("ok") : json.end();
    if (!json.is_object() || ok == json.end() || !ok->is_boolean())
      return again("an answer that is not Slack's: " + redaction.apply(response.body));
    if (*ok) {
      return taken(redaction.apply("ok " + std::string(kThreadMark) + http::text_at(json, "ts") +
                                   " channel=" + http::text_at(json, "channel")));
    }
    const std::string error = http::text_at(json, "error");
    Answer answer{passes(error) ? Answer::Verdict::again : Answer::Verdict::never, {}, {}};
    if (answer.verdict == Answer::Verdict::again)
      answer.retry_after = retry_after(response, wall_clock());
    answer.text = redaction.apply("Slack refuses it: " + error) + remedy_of(error);
    return answer;
  }

  const SlackSettings settings_;
  const ChannelTools tools_;
};

}  // namespace

std::string thread_in(std::string_view answer) {
  if (!answer.starts_with("ok ")) return "";
  answer.remove_prefix(3);
  if (!answer.starts_with(kThreadMark)) return "";
  answer.remove_prefix(kThreadMark.size());
  const std::string_view ts = answer.substr(0, answer.find(' '));
  const bool is_ts = !ts.empty() && std::ranges::all_of(ts, [](unsigned char c) {
    return std::isdigit(c) != 0 || c == '.';
  });
  return is_ts ? std::string(ts) : "";
}

std::unique_ptr<Channel> make_slack_channel(SlackSettings settings, ChannelTools tools) {
  return std::make_unique<SlackChannel>(std::move(settings), std::move(tools));
}

}  // namespace walpulse::monitor::channels
