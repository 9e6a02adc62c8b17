#include "connector/session/event_message.h"

#include "decoder/base/logging.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::connector {

Result<std::size_t> write_event_message(schema::ChangeEvent& event,
                                        const EventMessageOptions& options,
                                        publisher::Message& message) {
  message.clear();
  auto dropped = schema::append_json_within(event, options.bytes_max, message.data);
  if (!dropped) return dropped;
  if (*dropped > 0) {
    SPDLOG_WARN("event too large, columns dropped event={} count={}", schema::event_id(event),
                *dropped);
  }
  schema::write_message_attributes(event, options.replay, message.attributes);
  message.ordering_key = schema::ordering_key(event, options.ordering_keys);
  return dropped;
}

}  // namespace walpulse::connector
