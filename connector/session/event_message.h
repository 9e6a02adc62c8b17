#pragma once

#include <cstddef>

#include "decoder/base/result.h"
#include "decoder/schema/change_event.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

struct EventMessageOptions {
  unsigned ordering_keys = 64;
  /// Pub/Sub takes 10 MB a request: what is left of that in base64, below the envelope.
  std::size_t bytes_max = 7'000'000;
  bool replay = false;  ///< Marks the message; its body does not know.
};

/// Makes `message` that of one change, all but its ticket: the same bytes from whichever command,
/// so that deliveries of one event cannot be told apart. Where it would exceed `bytes_max` its
/// largest columns are dropped, and the log says so; returns how many. Rejected where even the key
/// does not fit.
Result<std::size_t> write_event_message(schema::ChangeEvent& event,
                                        const EventMessageOptions& options,
                                        publisher::Message& message);

}  // namespace walpulse::connector
