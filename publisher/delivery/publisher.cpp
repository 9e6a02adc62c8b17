#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {
namespace {

/// The message itself and its place in a queue: measured, rounded up.
constexpr std::size_t kOverheadBytes = 256;

}  // namespace

std::size_t message_bytes(const Message& message) {
  return kOverheadBytes + message.data.size() + message.attributes.members().size() +
         message.ordering_key.size();
}

}  // namespace walpulse::publisher
