#include "publisher/pubsub/client.h"

#include <cstdlib>
#include <utility>

#include "decoder/base/json_text.h"
#include "publisher/http/api_error.h"

namespace walpulse::pubsub {
namespace {

/// Acknowledge and modifyAckDeadline take 512 KiB (https://cloud.google.com/pubsub/quotas).
constexpr std::size_t kAckBytesMax = 500'000;

/// "projects/demo-project/topics/mage" -> its last and its second part.
struct ResourceName {
  std::string id;
  std::string project;
};
ResourceName parts_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t project = name.find('/');
  ResourceName parts;
  parts.id = name.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (project != std::string_view::npos) {
    parts.project = name.substr(project + 1, name.find('/', project + 1) - project - 1);
  }
  return parts;
}

std::string grant_role(std::string_view kind, const ResourceName& resource, std::string_view role) {
  return "gcloud pubsub " + std::string(kind) + "s add-iam-policy-binding " + resource.id +
         " --project " + resource.project + " --member serviceAccount:EMAIL --role " +
         std::string(role);
}

/// http::check(), and what an operator does about a refusal of this resource.
Result<void> check_resource(const http::Response& response, std::string_view what,
                            std::string_view name, std::string_view kind, std::string_view role) {
  Result<void> answer = http::check(response, std::string(what) + ' ' + std::string(name));
  if (answer) return answer;
  const ResourceName parts = parts_of(name);
  std::string& remedy = answer.error().remedy;
  if (http::lacks_role(answer.error())) {
    remedy = grant_role(kind, parts, role);
  } else if (response.status == 404) {
    remedy = "gcloud pubsub " + std::string(kind) + "s create " + parts.id + " --project " +
             parts.project + (kind == "subscription" ? " --topic TOPIC" : "");
  }
  return answer;
}

/// Calls `send` with bodies that hold `ids` in order, each below Pub/Sub's limit.
template <class Send>
Result<void> send_ack_ids(const std::vector<std::string_view>& ids, std::string_view tail,
                          Send send) {
  constexpr std::string_view kHead = "{\"ackIds\":[";
  std::string body(kHead);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (body.size() > kHead.size()) body += ',';
    append_json_name(ids[i], body);
    const bool last = i + 1 == ids.size();
    // An id is opaque: each of its bytes may need an escape of six.
    if (!last && body.size() + ids[i + 1].size() * 6 < kAckBytesMax) continue;
    body += ']';
    body += tail;
    if (Result<void> sent = send(body); !sent) return sent;
    body = kHead;
  }
  return {};
}

}  // namespace

std::string endpoint(const Environment& environment) {
  std::string host = value_of(environment, "PUBSUB_EMULATOR_HOST");
  while (host.ends_with('/')) host.pop_back();
  if (host.empty()) return "https://pubsub.googleapis.com";
  return host.find("://") == std::string::npos ? "http://" + host : host;
}

Client::Client(http::Client& http, auth::TokenSource& tokens, std::string endpoint)
    : http_(http), tokens_(tokens), endpoint_(std::move(endpoint)) {}

Result<http::Response> Client::call(http::Method method, std::string_view path,
                                    std::string_view body, std::chrono::milliseconds timeout,
                                    std::stop_token stop) {
  http::Request request;
  request.method = method;
  request.url = endpoint_ + "/v1/" + std::string(path);
  if (method == http::Method::post) request.headers = {"Content-Type: application/json"};
  request.body = body;
  request.timeout = timeout;
  request.stop = std::move(stop);
  return auth::send_authorized(http_, tokens_, std::move(request));
}

Result<std::size_t> Client::publish(std::string_view topic, std::string_view body,
                                    std::chrono::milliseconds timeout, std::stop_token stop) {
  Result<http::Response> response =
      call(http::Method::post, std::string(topic) + ":publish", body, timeout, std::move(stop));
  if (!response) return tl::unexpected(response.error());
  const Result<void> answer =
      check_resource(*response, "publish to", topic, "topic", "roles/pubsub.publisher");
  if (!answer) return tl::unexpected(answer.error());
  return count_message_ids(std::move(response->body));
}

Result<std::vector<ReceivedMessage>> Client::pull(std::string_view subscription,
                                                  std::size_t messages_max,
                                                  std::chrono::milliseconds timeout,
                                                  std::stop_token stop) {
  const std::string body = "{\"maxMessages\":" + std::to_string(messages_max) + "}";
  Result<http::Response> response =
      call(http::Method::post, std::string(subscription) + ":pull", body, timeout, std::move(stop));
  if (!response && response.error().kind == ErrorKind::timed_out) {
    return std::vector<ReceivedMessage>();
  }
  if (!response) return tl::unexpected(response.error());
  const Result<void> answer = check_resource(*response, "pull from", subscription, "subscription",
                                             "roles/pubsub.subscriber");
  if (!answer) return tl::unexpected(answer.error());
  return parse_pull_response(std::move(response->body));
}

Result<void> Client::acknowledge(std::string_view subscription,
                                 const std::vector<std::string_view>& ack_ids,
                                 std::chrono::milliseconds timeout, std::stop_token stop) {
  return send_ack_ids(ack_ids, "}", [&](const std::string& body) -> Result<void> {
    const Result<http::Response> response =
        call(http::Method::post, std::string(subscription) + ":acknowledge", body, timeout, stop);
    if (!response) return tl::unexpected(response.error());
    return check_resource(*response, "acknowledge on", subscription, "subscription",
                          "roles/pubsub.subscriber");
  });
}

Result<void> Client::modify_ack_deadline(std::string_view subscription,
                                         const std::vector<std::string_view>& ack_ids,
                                         std::chrono::seconds deadline,
                                         std::chrono::milliseconds timeout, std::stop_token stop) {
  const std::string tail = ",\"ackDeadlineSeconds\":" + std::to_string(deadline.count()) + "}";
  return send_ack_ids(ack_ids, tail, [&](const std::string& body) -> Result<void> {
    const Result<http::Response> response = call(
        http::Method::post, std::string(subscription) + ":modifyAckDeadline", body, timeout, stop);
    if (!response) return tl::unexpected(response.error());
    return check_resource(*response, "modify ack deadline on", subscription, "subscription",
                          "roles/pubsub.subscriber");
  });
}

/// What somebody wants to do, and what it takes.
struct Client::Use {
  std::string_view what;  ///< "publish to".
  std::string_view kind;  ///< "topic".
  std::string_view permission;
  std::string_view role;
};

Result<bool> Client::may_publish(std::string_view topic) {
  return may({"publish to", "topic", "pubsub.topics.publish", "roles/pubsub.publisher"}, topic);
}

Result<bool> Client::may_consume(std::string_view subscription) {
  return may(
      {"pull from", "subscription", "pubsub.subscriptions.consume", "roles/pubsub.subscriber"},
      subscription);
}

// roles/pubsub.publisher may publish, yet not look the topic up; roles/pubsub.subscriber likewise.
// For what does not exist the service answers with no permissions
// (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/testIamPermissions).
Result<bool> Client::may(const Use& use, std::string_view name) {
  const Result<http::Response> response =
      call(http::Method::post, std::string(name) + ":testIamPermissions",
           "{\"permissions\":[\"" + std::string(use.permission) + "\"]}", kCallTimeout);
  if (!response) return tl::unexpected(response.error());
  const std::string what = std::string(use.what) + ' ' + std::string(name);
  if (response->status == 200) {
    if (grants(response->body, use.permission)) return true;
    return fail(ErrorKind::denied, what + ": no permission, or no such " + std::string(use.kind),
                grant_role(use.kind, parts_of(name), use.role), "PERMISSION_DENIED");
  }
  const bool unknown_call = response->status == 400 || response->status == 404 ||
                            response->status == 405 || response->status == 501;
  const Result<void> asked = http::check(*response, what);
  if (!unknown_call && !asked && !http::lacks_role(asked.error())) return forward(asked);
  const Result<http::Response> found = call(http::Method::get, name, {}, kCallTimeout);
  if (!found) return tl::unexpected(found.error());
  if (found->status == 403) return false;
  const Result<void> there =
      check_resource(*found, "look up", name, use.kind, "roles/pubsub.viewer");
  if (!there) return tl::unexpected(there.error());
  return false;
}

Result<void> Client::get_topic(std::string_view topic) {
  const Result<http::Response> response = call(http::Method::get, topic, {}, kCallTimeout);
  if (!response) return tl::unexpected(response.error());
  return check_resource(*response, "look up", topic, "topic", "roles/pubsub.viewer");
}

Result<void> Client::get_subscription(std::string_view subscription) {
  const Result<http::Response> response = call(http::Method::get, subscription, {}, kCallTimeout);
  if (!response) return tl::unexpected(response.error());
  return check_resource(*response, "look up", subscription, "subscription", "roles/pubsub.viewer");
}

Result<SubscriptionSettings> Client::subscription_settings(std::string_view subscription) {
  const Result<http::Response> response = call(http::Method::get, subscription, {}, kCallTimeout);
  if (!response) return tl::unexpected(response.error());
  const Result<void> there =
      check_resource(*response, "look up", subscription, "subscription", "roles/pubsub.viewer");
  if (!there) return tl::unexpected(there.error());
  return parse_subscription(response->body);
}

}  // namespace walpulse::pubsub
