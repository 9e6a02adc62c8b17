#include "publisher/pubsub/subscription_settings.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "publisher/http/json_member.h"

namespace walpulse::pubsub {
namespace {

bool flag_at(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// An object member; an empty object where it is missing or something else.
nlohmann::json object_at(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : nlohmann::json::object();
}

/// "600s", "1.5s" rounded up; nothing for what is none.
std::optional<std::chrono::seconds> duration_at(const nlohmann::json& object, const char* name) {
  const std::string text = http::text_at(object, name);
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || seconds < 0 || seconds > 1e9) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(std::chrono::duration<double>(seconds));
}

}  // namespace

Result<SubscriptionSettings> parse_subscription(const std::string& body) {
  const auto json = parse_json(body);
  if (!json.is_object() || http::text_at(json, "topic").empty()) {
    return fail(ErrorKind::unavailable, "the answer describes no subscription");
  }
  const auto push = object_at(json, "pushConfig");
  const auto token = object_at(push, "oidcToken");
  SubscriptionSettings settings;
  settings.topic = http::text_at(json, "topic");
  settings.filter = http::text_at(json, "filter");
  settings.dead_letter_topic =
      http::text_at(object_at(json, "deadLetterPolicy"), "deadLetterTopic");
  settings.expires_after = http::text_at(object_at(json, "expirationPolicy"), "ttl");
  settings.push_endpoint = http::text_at(push, "pushEndpoint");
  settings.push_account = http::text_at(token, "serviceAccountEmail");
  settings.push_audience = http::text_at(token, "audience");
  settings.push_unwrapped = push.contains("noWrapper");
  if (const auto deadline = json.find("ackDeadlineSeconds");
      deadline != json.end() && deadline->is_number_unsigned())
    settings.ack_deadline = std::chrono::seconds(deadline->get<std::uint32_t>());
  if (const auto retry = json.find("retryPolicy"); retry != json.end() && retry->is_object())
    settings.backoff_max =
        duration_at(*retry, "maximumBackoff").value_or(std::chrono::seconds(600));
  settings.ordered = flag_at(json, "enableMessageOrdering");
  settings.detached = flag_at(json, "detached");
  for (const char* name : {"bigqueryConfig", "cloudStorageConfig", "bigtableConfig"}) {
    settings.archives = settings.archives || !object_at(json, name).empty();
  }
  return settings;
}

}  // namespace walpulse::pubsub
