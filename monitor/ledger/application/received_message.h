#pragma once

#include <memory>
#include <string>

#include "decoder/schema/attributes.h"

namespace walpulse::monitor {

struct Message;  // message.h: what a message says

/// A message as it came in, by push or pull.
struct ReceivedMessage {
  std::string data;
  schema::Attributes attributes;
  std::string message_id;
  /// What it says, by read_message(): set before the ledger gets it, since whoever brings messages
  /// has more threads for that than the ledger.
  std::shared_ptr<const Message> read = nullptr;
};

}  // namespace walpulse::monitor
