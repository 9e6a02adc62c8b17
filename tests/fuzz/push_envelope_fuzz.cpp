#include <map>
#include <string>

#include "decoder/base/utf8.h"
#include "monitor/ledger/application/message.h"
#include "publisher/pubsub/client.h"
#include "tests/fuzz/fuzz.h"

// Input: a body posted to the monitor. What is an envelope is written as our own push sink would
// write it, read again, and its message read as the ledger reads it.

namespace walpulse {
namespace {

using fuzz::require;

void check_round_trip(const pubsub::Message& message) {
  const auto again = pubsub::parse_push_envelope(
      pubsub::push_envelope(message.data, message.attributes, "", message.message_id, "s"));
  require(again.has_value(), "an envelope that is written can be read");
  require(again->data == message.data, "data survive");
  require(again->attributes == message.attributes, "attributes survive");
  require(again->message_id == message.message_id, "the message id survives");
}

void check_message(pubsub::Message& message) {
  for (const auto& [name, value] : message.attributes) {
    require(is_utf8(name) && is_utf8(value), "attributes are UTF-8");
  }
  const monitor::ReceivedMessage received{std::move(message.data), std::move(message.attributes),
                                          std::move(message.message_id)};
  const auto read = monitor::parse_message(received);
  if (const auto* invalid = std::get_if<monitor::InvalidMessage>(&read)) {
    require(!invalid->reason.empty(), "what is refused is refused for a reason");
  }
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  auto message = pubsub::parse_push_envelope(std::string(fuzz::text(data, size)));
  if (!message) {
    fuzz::require(message.error().kind == ErrorKind::malformed, "no envelope is malformed");
    return 0;
  }
  check_round_trip(*message);
  check_message(*message);
  return 0;
}
