#include <chrono>
#include <mutex>
#include <utility>

#include "decoder/base/clock.h"
#include "monitor/channels/channels.h"
#include "monitor/channels/verdict.h"
#include "monitor/channels/webhook_signature.h"
#include "monitor/messages/formats.h"
#include "monitor/rules/secret_places.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/json_member.h"

namespace walpulse::monitor::channels {
namespace {

/// "https://host:port" of an address.
std::string origin_of(const std::string& url) {
  return url.substr(0, url.find_first_of("/?#", url.find("://") + 3));
}

/// Whatever token is sent is taken out of the answer, also the second one after a 401.
class RedactedTokens final : public auth::TokenSource {
 public:
  RedactedTokens(auth::TokenSource& tokens, Redaction& redaction)
      : tokens_(tokens), redaction_(redaction) {}
  Result<std::string> token() override {
    auto token = tokens_.token();
    if (token) redaction_.add(*token);
    return token;
  }
  void invalidate(const std::string& rejected) override { tokens_.invalidate(rejected); }
  std::string quota_project() const override { return tokens_.quota_project(); }
  std::string identity() const override { return tokens_.identity(); }

 private:
  auth::TokenSource& tokens_;
  Redaction& redaction_;
};

class WebhookChannel final : public Channel {
 public:
  WebhookChannel(WebhookSettings settings, ChannelTools tools)
      : settings_(std::move(settings)), tools_(std::move(tools)) {}

  Answer send(const Outgoing& outgoing, std::chrono::milliseconds deadline,
              std::stop_token stop) override {
    Redaction redaction;
    const auto body = body_of(outgoing);
    if (!body) return never(to_string(body.error()));
    auto request = request_for(outgoing.key, *body, redaction);
    if (!request) return verdict_of(request.error(), redaction);
    request->timeout = deadline;
    request->stop = std::move(stop);
    const auto response = send_as_who_we_are(*std::move(request), redaction);
    if (!response) return verdict_of(response.error(), redaction);
    return verdict_of(*response, redaction, wall_clock());
  }

 private:
  static Result<std::string> body_of(const Outgoing& outgoing) {
    if (outgoing.kind == Delivery::Kind::call) return outgoing.content;
    const auto message = messages::message_from(outgoing.content);
    if (!message) return forward(message);
    return messages::webhook_body(*message);
  }

  Result<std::string> secret(const Secret& of, Redaction& redaction, bool lines = false) const {
    auto text = read_secret(of, tools_.environment, lines);
    if (text) redaction.add(*text);
    return text;
  }

  Result<std::string> url(Redaction& redaction) const {
    if (!settings_.url.is_set()) return settings_.plain_url;
    auto url = read_secret(settings_.url, tools_.environment);
    if (url) redaction.add_address(*url);
    return url;
  }

  Result<http::Request> request_for(const std::string& key, const std::string& body,
                                    Redaction& redaction) const {
    auto address = url(redaction);
    if (!address) return forward(address);
    const bool has_secret = settings_.url.is_set() || settings_.token.is_set() || settings_.google;
    if (const auto safe = rules::keeps_secrets(*address);
        !safe && (has_secret || !http::is_http_url(*address)))
      return forward(safe);
    const auto key_field = key_header(key);
    if (!key_field) return forward(key_field);
    const std::int64_t now =
        std::chrono::floor<std::chrono::seconds>(wall_clock()).time_since_epoch().count();
    http::Request request;
    request.url = *std::move(address);
    request.headers = {"Content-Type: application/json", *key_field, "webhook-id: " + key,
                       "webhook-timestamp: " + std::to_string(now)};
    if (settings_.signing_keys.is_set()) {
      const auto keys = secret(settings_.signing_keys, redaction, true);
      if (!keys) return forward(keys);
      const auto signature = webhook_signature(*keys, key, now, body);
      if (!signature) return forward(signature);
      request.headers.push_back("webhook-signature: " + *signature);
    }
    if (settings_.token.is_set()) {
      const auto token = secret(settings_.token, redaction);
      if (!token) return forward(token);
      request.headers.push_back("Authorization: Bearer " + *token);
    }
    request.body = body;
    return request;
  }

  Result<http::Response> send_as_who_we_are(http::Request request, Redaction& redaction) {
    if (!settings_.google) return tools_.http.send(request);
    const auto tokens = identity(request.url);
    if (!tokens) return forward(tokens);
    RedactedTokens redacted(**tokens, redaction);
    return auth::send_authorized(tools_.http, redacted, std::move(request));
  }

  /// One for the address as it is now.
  Result<std::shared_ptr<auth::TokenSource>> identity(const std::string& address) {
    const std::string audience =
        settings_.audience.empty() ? origin_of(address) : settings_.audience;
    const std::lock_guard lock(mutex_);
    if (tokens_ && audience_ == audience) return tokens_;
    auth::CredentialOptions credentials;
    credentials.environment = tools_.environment;
    auto made = auth::make_identity_token_source(tools_.http, audience, credentials);
    if (!made) return forward(made);
    audience_ = audience;
    tokens_ = *std::move(made);
    return tokens_;
  }

  const WebhookSettings settings_;
  const ChannelTools tools_;
  std::mutex mutex_;
  std::string audience_;
  std::shared_ptr<auth::TokenSource> tokens_;
};

}  // namespace

std::unique_ptr<Channel> make_webhook_channel(WebhookSettings settings, ChannelTools tools) {
  return std::make_unique<WebhookChannel>(std::move(settings), std::move(tools));
}

}  // namespace walpulse::monitor::channels
