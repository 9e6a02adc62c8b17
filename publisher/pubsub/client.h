#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/base/environment.h"
#include "decoder/base/result.h"
#include "decoder/schema/attributes.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/client.h"
#include "publisher/pubsub/subscription_settings.h"

/// The Pub/Sub REST calls, version 1 (https://cloud.google.com/pubsub/docs/reference/rest).
namespace walpulse::pubsub {

/// A message as it was received, as far as anybody here wants to know.
struct Message {
  std::string data;
  schema::Attributes attributes;
  std::string message_id;
};
struct ReceivedMessage {
  std::string ack_id;
  Message message;
};

/// "https://pubsub.googleapis.com", or "http://<PUBSUB_EMULATOR_HOST>" where that is set.
std::string endpoint(const Environment& environment);

/// Bodies and answers apart from the socket. parse_push_envelope reads what Pub/Sub's push sends
/// (https://cloud.google.com/pubsub/docs/push): camelCase first, base64 decoded. What reads an
/// answer reads in place: move the body in.
void append_publish_message(std::string& body, std::string_view data,
                            const schema::AttributesJson& attributes,
                            std::string_view ordering_key);
/// At least as many bytes as append_publish_message appends: exact but for an ordering key beyond
/// ASCII or with control characters.
std::size_t publish_message_bytes(std::string_view data, const schema::AttributesJson& attributes,
                                  std::string_view ordering_key);
Result<std::vector<ReceivedMessage>> parse_pull_response(std::string body);
/// Of a publish answer; zero where it is none.
std::size_t count_message_ids(std::string body);
/// Whether an answer of testIamPermissions holds `permission`.
bool grants(std::string body, std::string_view permission);
Result<Message> parse_push_envelope(std::string body);
/// The envelope as Pub/Sub would push it, for the direct push sink.
std::string push_envelope(std::string_view data, const schema::AttributesJson& attributes,
                          std::string_view ordering_key, std::string_view message_id,
                          std::string_view subscription);

/// Thread-safe as far as its http::Client and auth::TokenSource are.
class Client {
 public:
  static constexpr std::chrono::seconds kCallTimeout{30};

  Client(http::Client& http, auth::TokenSource& tokens, std::string endpoint);

  /// `body` is the whole JSON request; answers the number of message ids returned.
  Result<std::size_t> publish(std::string_view topic, std::string_view body,
                              std::chrono::milliseconds timeout, std::stop_token stop = {});
  /// Long-polls; an empty vector is normal, also where `timeout` ends the poll. It should outlast
  /// the server's own poll (90 s): messages that the server hands to a poll given up come again
  /// only after their ack deadline. `subscription` = "projects/P/subscriptions/S".
  Result<std::vector<ReceivedMessage>> pull(std::string_view subscription, std::size_t messages_max,
                                            std::chrono::milliseconds timeout,
                                            std::stop_token stop = {});
  /// Any number of ids: sent in requests below Pub/Sub's 512 KiB. After an error some may be
  /// acknowledged; to do it twice is harmless.
  Result<void> acknowledge(std::string_view subscription,
                           const std::vector<std::string_view>& ack_ids,
                           std::chrono::milliseconds timeout = kCallTimeout,
                           std::stop_token stop = {});
  /// Zero seconds = nack. `timeout` is for each request, here as above.
  Result<void> modify_ack_deadline(std::string_view subscription,
                                   const std::vector<std::string_view>& ack_ids,
                                   std::chrono::seconds deadline,
                                   std::chrono::milliseconds timeout = kCallTimeout,
                                   std::stop_token stop = {});
  /// Whether these credentials may publish to it: true; false where that cannot be found out (the
  /// emulator knows no permissions). Denied where they may not, or there is no such topic.
  Result<bool> may_publish(std::string_view topic);
  /// Likewise pulling from and acknowledging on a subscription.
  Result<bool> may_consume(std::string_view subscription);
  /// Whether it exists and may be read: denied where not. For `doctor` and start-up checks.
  Result<void> get_topic(std::string_view topic);
  Result<void> get_subscription(std::string_view subscription);
  /// How it is set, for which roles/pubsub.viewer is needed. For `doctor`.
  Result<SubscriptionSettings> subscription_settings(std::string_view subscription);

 private:
  struct Use;
  Result<bool> may(const Use& use, std::string_view name);
  Result<http::Response> call(http::Method method, std::string_view path, std::string_view body,
                              std::chrono::milliseconds timeout, std::stop_token stop = {});

  http::Client& http_;
  auth::TokenSource& tokens_;
  std::string endpoint_;
};

}  // namespace walpulse::pubsub
