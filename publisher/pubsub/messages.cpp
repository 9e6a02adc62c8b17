#include <optional>

#include "decoder/base/base64.h"
#include "decoder/base/json_cursor.h"
#include "decoder/base/json_text.h"
#include "decoder/base/plain_text.h"
#include "publisher/pubsub/client.h"

/// Bodies and answers of the Pub/Sub calls. Nothing that arrives can be trusted, and a JSON tree
/// takes up to eighty times its text: no tree is built.
namespace walpulse::pubsub {
namespace {

constexpr std::string_view kData = "{\"data\":\"";
constexpr std::string_view kAttributes = ",\"attributes\":{";
constexpr std::string_view kOrderingKey = ",\"orderingKey\":";

/// At least what the JSON string takes: control characters grow to six bytes, a byte that is not
/// UTF-8 to three.
std::size_t json_string_bytes(std::string_view text) {
  const std::size_t plain = json_plain_prefix(text);
  std::size_t bytes = 2 + plain;
  for (const char c : text.substr(plain)) {
    const auto byte = static_cast<unsigned char>(c);
    bytes += byte < 0x20 ? 6 : byte >= 0x80 ? 3 : c == '"' || c == '\\' ? 2 : 1;
  }
  return bytes;
}

/// Ten times what Pub/Sub allows (https://cloud.google.com/pubsub/quotas#resource_limits), so that
/// a forged message cannot grow by what it is kept in.
constexpr std::size_t kAttributesMax = 1000;

/// Pub/Sub's own have some twenty digits. What is longer is not its, and no ledger has to find a
/// message by it: the message is as one without an id. (PostgreSQL indexes no more than 2,704
/// bytes.)
constexpr std::size_t kMessageIdMax = 256;

/// Reads in place and skips what it does not know, so that what a body holds takes no more memory
/// than what is kept of it. Members that are null count as absent.
class MessageReader {
 public:
  explicit MessageReader(JsonCursor& in) : in_(in) {}

  Message read() {
    Message message;
    std::string_view old_id;
    in_.object([&](std::string_view field) {
      if (is(field, "data")) {
        message.data = base64();
      } else if (is(field, "attributes")) {
        message.attributes = attributes();
      } else if (is(field, "messageId")) {
        message.message_id = text();
      } else if (is(field, "orderingKey") || is(field, "publishTime") ||
                 is(field, "publish_time")) {
        text();  // Nobody wants them, but they must be what they say.
      } else if (is(field, "message_id")) {
        old_id = text();
      } else {
        in_.skip();
      }
    });
    // Push carries both spellings; the emulator and older senders only one.
    if (message.message_id.empty()) message.message_id = old_id;
    if (message.message_id.size() > kMessageIdMax) message.message_id.clear();
    return message;
  }

  ReceivedMessage read_received() {
    ReceivedMessage received;
    bool has_message = false;
    in_.object([&](std::string_view field) {
      if (is(field, "ackId")) {
        received.ack_id = text();
      } else if (is(field, "message")) {
        received.message = read();
        has_message = true;
      } else {
        in_.skip();
      }
    });
    if (!has_message) in_.fail("a received message has no message");
    if (received.ack_id.empty()) in_.fail("a received message has no ackId");
    return received;
  }

 private:
  bool is_null() {
    if (in_.peek() != JsonCursor::Kind::null) return false;
    in_.null();
    return true;
  }

  std::string_view text() { return is_null() ? std::string_view() : in_.string(); }

  std::string base64() { return is_null() ? std::string() : in_.base64(); }

  /// Of a name that occurs twice the last value counts.
  schema::Attributes attributes() {
    if (is_null()) return {};
    schema::Attributes read;
    std::size_t count = 0;
    in_.object([&](std::string_view name) {
      if (++count > kAttributesMax) return in_.fail("more attributes than a message can have");
      read.set(name, in_.string());
    });
    return read;
  }

  JsonCursor& in_;
};

}  // namespace

void append_publish_message(std::string& body, std::string_view data,
                            const schema::AttributesJson& attributes,
                            std::string_view ordering_key) {
  body += kData;
  append_base64(data, body);
  body += '"';
  if (!attributes.empty()) {
    body += kAttributes;
    body += attributes.members();
    body += '}';
  }
  if (!ordering_key.empty()) {
    body += kOrderingKey;
    append_json_name(ordering_key, body);
  }
  body += '}';
}

std::size_t publish_message_bytes(std::string_view data, const schema::AttributesJson& attributes,
                                  std::string_view ordering_key) {
  std::size_t bytes = kData.size() + (data.size() + 2) / 3 * 4 + 2;
  if (!attributes.empty()) bytes += kAttributes.size() + attributes.members().size() + 1;
  if (!ordering_key.empty()) bytes += kOrderingKey.size() + json_string_bytes(ordering_key);
  return bytes;
}

Result<std::vector<ReceivedMessage>> parse_pull_response(std::string body) {
  JsonCursor in(body);
  MessageReader reader(in);
  std::vector<ReceivedMessage> messages;
  in.object([&](std::string_view field) {
    if (is(field, "receivedMessages") && in.peek() != JsonCursor::Kind::null) {
      in.array([&] { messages.push_back(reader.read_received()); });
    } else {
      in.skip();
    }
  });
  if (!in.finish()) return fail(ErrorKind::malformed, "pull answer: " + in.problem());
  return messages;
}

std::size_t count_message_ids(std::string body) {
  JsonCursor in(body);
  std::size_t count = 0;
  in.object([&](std::string_view field) {
    if (field != "messageIds" || in.peek() != JsonCursor::Kind::array) return in.skip();
    count = 0;
    in.array([&] {
      if (in.peek() == JsonCursor::Kind::string) ++count;
      in.skip();
    });
  });
  return in.finish() ? count : 0;
}

bool grants(std::string body, std::string_view permission) {
  JsonCursor in(body);
  bool granted = false;
  in.object([&](std::string_view field) {
    if (field != "permissions" || in.peek() != JsonCursor::Kind::array) return in.skip();
    in.array([&] {
      if (in.peek() != JsonCursor::Kind::string) return in.skip();
      if (in.string() == permission) granted = true;
    });
  });
  return in.finish() && granted;
}

Result<Message> parse_push_envelope(std::string body) {
  JsonCursor in(body);
  MessageReader reader(in);
  std::optional<Message> message;
  in.object([&](std::string_view field) {
    if (field == "message") {
      message = reader.read();
    } else {
      in.skip();
    }
  });
  if (in.ok() && !message) in.fail("no member \"message\"");
  if (!in.finish()) return fail(ErrorKind::malformed, "push envelope: " + in.problem());
  return *std::move(message);
}

std::string push_envelope(std::string_view data, const schema::AttributesJson& attributes,
                          std::string_view ordering_key, std::string_view message_id,
                          std::string_view subscription) {
  std::string body = "{\"message\":";
  append_publish_message(body, data, attributes, ordering_key);
  body.back() = ',';  // The message goes on.
  body += "\"messageId\":";
  append_json_name(message_id, body);
  body += ",\"message_id\":";
  append_json_name(message_id, body);
  body += "},\"subscription\":";
  append_json_name(subscription, body);
  body += '}';
  return body;
}

}  // namespace walpulse::pubsub
