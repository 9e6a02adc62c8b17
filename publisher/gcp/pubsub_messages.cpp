#include <nlohmann/json.hpp>

#include "decoder/schema/base64.h"
#include "decoder/schema/json_text.h"
#include "publisher/gcp/pubsub_client.h"

/// Bodies and answers of the Pub/Sub calls. Written by hand, since each event passes through the
/// writers, and read with a library, since nothing that arrives can be trusted.
namespace walpulse::gcp {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kData = "{\"data\":\"";
constexpr std::string_view kAttributes = ",\"attributes\":{";
constexpr std::string_view kOrderingKey = ",\"orderingKey\":";

void append_attributes(std::string& body, const schema::Attributes& attributes) {
  body += kAttributes;
  for (const auto& [name, value] : attributes) {
    if (body.back() != '{') body += ',';
    schema::append_json_name(name, body);
    body += ':';
    schema::append_json_name(value, body);
  }
  body += '}';
}

/// At least what the JSON string takes: control characters grow to six bytes, a byte that is not
/// UTF-8 to three.
std::size_t json_string_bytes(std::string_view text) {
  std::size_t bytes = 2;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    bytes += byte < 0x20 ? 6 : byte >= 0x80 ? 3 : c == '"' || c == '\\' ? 2 : 1;
  }
  return bytes;
}

/// A member as text: empty where absent or null, malformed where it is anything but a string.
Result<std::string> text_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) {
    return fail(ErrorKind::malformed, std::string(name) + " is not a string");
  }
  return found->get<std::string>();
}

/// Push carries both spellings; the emulator and older senders only one.
Result<std::string> text_at(const Json& object, const char* name, const char* old_name) {
  Result<std::string> text = text_at(object, name);
  if (!text || !text->empty()) return text;
  return text_at(object, old_name);
}

Result<schema::Attributes> read_attributes(const Json& message) {
  schema::Attributes attributes;
  const auto found = message.find("attributes");
  if (found == message.end() || found->is_null()) return attributes;
  if (!found->is_object()) return fail(ErrorKind::malformed, "attributes is not an object");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return fail(ErrorKind::malformed, "an attribute is not a string");
    attributes.emplace_back(name, value.get<std::string>());
  }
  return attributes;
}

Result<PubsubMessage> read_message(const Json& json) {
  if (!json.is_object()) return fail(ErrorKind::malformed, "message is not an object");
  Result<std::string> text = text_at(json, "data");
  if (!text) return tl::unexpected(text.error());
  Result<std::string> data = schema::decode_base64(*text);
  if (!data) return fail(ErrorKind::malformed, "data: " + data.error().message);
  Result<schema::Attributes> attributes = read_attributes(json);
  if (!attributes) return tl::unexpected(attributes.error());
  Result<std::string> key = text_at(json, "orderingKey");
  if (!key) return tl::unexpected(key.error());
  Result<std::string> id = text_at(json, "messageId", "message_id");
  if (!id) return tl::unexpected(id.error());
  Result<std::string> time = text_at(json, "publishTime", "publish_time");
  if (!time) return tl::unexpected(time.error());
  return PubsubMessage{std::move(*data), std::move(*attributes), std::move(*key), std::move(*id),
                       std::move(*time)};
}

Result<ReceivedMessage> read_received(const Json& json) {
  if (!json.is_object() || !json.contains("message")) {
    return fail(ErrorKind::malformed, "a received message has no message");
  }
  Result<std::string> ack_id = text_at(json, "ackId");
  if (!ack_id) return tl::unexpected(ack_id.error());
  if (ack_id->empty()) return fail(ErrorKind::malformed, "a received message has no ackId");
  Result<PubsubMessage> message = read_message(json["message"]);
  if (!message) return tl::unexpected(message.error());
  return ReceivedMessage{std::move(*ack_id), std::move(*message)};
}

Result<Json> read_object(std::string_view body) {
  Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(ErrorKind::malformed, "not a JSON object");
  return json;
}

}  // namespace

void append_publish_message(std::string& body, std::string_view data,
                            const schema::Attributes& attributes, std::string_view ordering_key) {
  body += kData;
  schema::append_base64(data, body);
  body += '"';
  if (!attributes.empty()) append_attributes(body, attributes);
  if (!ordering_key.empty()) {
    body += kOrderingKey;
    schema::append_json_name(ordering_key, body);
  }
  body += '}';
}

std::size_t publish_message_bytes(std::string_view data, const schema::Attributes& attributes,
                                  std::string_view ordering_key) {
  std::size_t bytes = kData.size() + (data.size() + 2) / 3 * 4 + 2;
  if (!attributes.empty()) {
    bytes += kAttributes.size() + 1 + attributes.size() - 1;
    for (const auto& [name, value] : attributes) {
      bytes += json_string_bytes(name) + 1 + json_string_bytes(value);
    }
  }
  if (!ordering_key.empty()) bytes += kOrderingKey.size() + json_string_bytes(ordering_key);
  return bytes;
}

Result<std::vector<ReceivedMessage>> parse_pull_response(std::string_view body) {
  const Result<Json> json = read_object(body);
  if (!json) return fail(json.error().kind, "pull answer: " + json.error().message);
  std::vector<ReceivedMessage> messages;
  const auto list = json->find("receivedMessages");
  if (list == json->end() || list->is_null()) return messages;
  if (!list->is_array()) {
    return fail(ErrorKind::malformed, "pull answer: receivedMessages is not an array");
  }
  messages.reserve(list->size());
  for (const Json& entry : *list) {
    Result<ReceivedMessage> message = read_received(entry);
    if (!message) return fail(message.error().kind, "pull answer: " + message.error().message);
    messages.push_back(std::move(*message));
  }
  return messages;
}

Result<PubsubMessage> parse_push_envelope(std::string_view body) {
  const Result<Json> json = read_object(body);
  if (!json) return fail(json.error().kind, "push envelope: " + json.error().message);
  if (!json->contains("message")) {
    return fail(ErrorKind::malformed, "push envelope: no member \"message\"");
  }
  Result<PubsubMessage> message = read_message((*json)["message"]);
  if (!message) return fail(message.error().kind, "push envelope: " + message.error().message);
  return message;
}

std::string push_envelope(std::string_view data, const schema::Attributes& attributes,
                          std::string_view ordering_key, std::string_view message_id,
                          std::string_view subscription) {
  std::string body = "{\"message\":";
  append_publish_message(body, data, attributes, ordering_key);
  body.back() = ',';  // The message goes on.
  body += "\"messageId\":";
  schema::append_json_name(message_id, body);
  body += ",\"message_id\":";
  schema::append_json_name(message_id, body);
  body += "},\"subscription\":";
  schema::append_json_name(subscription, body);
  body += '}';
  return body;
}

}  // namespace walpulse::gcp
