#include "publisher/sinks/push_sink.h"

#include <algorithm>
#include <array>
#include <utility>

#include "publisher/http/api_error.h"
#include "publisher/pubsub/client.h"

namespace walpulse::publisher {
namespace {

/// Acknowledgements come batch by batch: a large one would keep the first message's waiting long.
constexpr std::size_t kPushMessagesMax = 100;
constexpr std::size_t kPushBytesMax = 4u << 20;
constexpr std::string_view kSubscription = "projects/walpulse/subscriptions/direct-push";

/// What Pub/Sub takes as an acknowledgement.
bool acknowledges(int status) {
  constexpr std::array kStatuses = {102, 200, 201, 202, 204};
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

Result<void> check_push(const http::Response& response, const std::string& what) {
  if (acknowledges(response.status)) return {};
  const int status = response.status;
  if (status >= 200 && status < 300) {
    return fail(ErrorKind::unavailable,
                what + ": HTTP " + std::to_string(status) + " is no acknowledgement");
  }
  // A redirect, or a path that takes no POST: the URL is wrong, not the message.
  if (status < 400 || status == 405) {
    return fail(ErrorKind::denied, what + ": HTTP " + std::to_string(status),
                "is this the URL of walpulse-monitor's /push?");
  }
  return http::check(response, what);
}

/// The same on every delivery, so that a receiver can tell a repeated message.
std::string message_id(const Message& message) {
  std::string id = message.attributes.find("ce-id");
  return id.empty() ? std::to_string(message.ticket) : id;
}

class PushSink final : public Sink {
 public:
  PushSink(std::unique_ptr<http::Client> http, std::string url,
           std::chrono::milliseconds request_timeout, std::unique_ptr<auth::TokenSource> identity)
      : http_(std::move(http)),
        tokens_(identity ? std::move(identity) : auth::make_anonymous_token_source()),
        url_(std::move(url)),
        name_(url_.substr(0, url_.find('?'))),
        request_timeout_(request_timeout) {}

  Result<void> send(const std::vector<Message>& batch, std::stop_token stop) override {
    for (const Message& message : batch) {
      if (Result<void> sent = send_one(message, stop); !sent) return sent;
    }
    return {};
  }

  std::size_t batch_messages_max() const override { return kPushMessagesMax; }
  std::size_t batch_bytes_max() const override { return kPushBytesMax; }
  bool one_key_per_request() const override { return false; }
  std::string name() const override { return name_; }
  std::string identity() const override { return tokens_->identity(); }

  /// A push URL has no call that only asks: whoever answers a GET, in whatever way, is there.
  Result<void> check() override {
    http::Request request;
    request.method = http::Method::get;
    request.url = url_;
    const Result<http::Response> response =
        auth::send_authorized(*http_, *tokens_, std::move(request));
    if (!response) return tl::unexpected(response.error());
    const int status = response->status;
    if (status == 401 || status == 403 || status >= 500) return refused(*response, name_);
    return {};
  }

 private:
  Result<void> send_one(const Message& message, const std::stop_token& stop) {
    const std::string body = pubsub::push_envelope(
        message.data, message.attributes, message.ordering_key, message_id(message), kSubscription);
    http::Request request;
    request.url = url_;
    request.headers = {"Content-Type: application/json"};
    request.body = body;
    request.timeout = request_timeout_;
    request.stop = stop;
    const Result<http::Response> response =
        auth::send_authorized(*http_, *tokens_, std::move(request));
    if (!response) return tl::unexpected(response.error());
    if (response->status == 401 || response->status == 403) {
      return refused(*response, "push to " + name_);
    }
    return check_push(*response, "push to " + name_);
  }

  /// Says who was refused, and what the receiver wants.
  Result<void> refused(const http::Response& response, const std::string& what) const {
    auto checked = http::check(response, what);
    if (checked || response.status >= 500) return checked;
    const std::string who = tokens_->identity();
    checked.error().remedy =
        who.empty() ? "a walpulse-monitor that checks who pushes wants an identity token: give "
                      "--push-audience"
                    : "the identity token is of " + who +
                          ": compare the monitor's --push-audience and --push-service-account (its "
                          "log says which), and give the account roles/run.invoker on a Cloud Run "
                          "service";
    return checked;
  }

  const std::unique_ptr<http::Client> http_;
  const std::unique_ptr<auth::TokenSource> tokens_;
  const std::string url_;
  const std::string name_;
  const std::chrono::milliseconds request_timeout_;
};

}  // namespace

std::unique_ptr<Sink> make_push_sink(std::unique_ptr<http::Client> http, std::string url,
                                     std::chrono::milliseconds request_timeout,
                                     std::unique_ptr<auth::TokenSource> identity) {
  return std::make_unique<PushSink>(std::move(http), std::move(url), request_timeout,
                                    std::move(identity));
}

}  // namespace walpulse::publisher
