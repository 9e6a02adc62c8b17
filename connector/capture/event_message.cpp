#include "connector/capture/event_message.h"

#include <spdlog/spdlog.h>

#include "decoder/schema/event_json.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::connector {

Result<EventMessage> event_message(schema::ChangeEvent& event, const EventMessageOptions& options) {
  EventMessage made;
  const auto dropped = schema::append_json_within(event, options.bytes_max, made.message.data);
  if (!dropped) return tl::unexpected<Error>(dropped.error());
  made.dropped_column_count = *dropped;
  if (*dropped > 0) {
    SPDLOG_WARN("event too large, columns dropped event={} count={}", schema::event_id(event),
                *dropped);
  }
  made.message.attributes = schema::message_attributes(event, options.replay);
  made.message.ordering_key = schema::ordering_key(event, options.ordering_keys);
  return made;
}

}  // namespace walpulse::connector
