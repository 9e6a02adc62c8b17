#include "publisher/publisher.h"

namespace walpulse::publisher {
namespace {

/// The message itself and its place in a queue: measured, rounded up.
constexpr std::size_t kOverheadBytes = 256;

}  // namespace

std::size_t message_bytes(const Message& message) {
  std::size_t bytes = kOverheadBytes + message.data.size() + message.ordering_key.size();
  for (const auto& [name, value] : message.attributes) {
    bytes += sizeof(schema::Attributes::value_type) + name.size() + value.size();
  }
  return bytes;
}

}  // namespace walpulse::publisher
