#include "monitor/intake/intake_queue.h"

#include <algorithm>
#include <utility>

namespace walpulse::monitor {
namespace {

/// What a waiting message costs beside its own bytes: its place, and what was read of it.
constexpr std::size_t kMessageOverheadBytes = 800;

}  // namespace

std::size_t IntakeQueue::bytes_of(const ReceivedMessage& message) {
  return kMessageOverheadBytes + message.data.size() + message.message_id.size() +
         message.attributes.bytes();
}

bool IntakeQueue::has_room(std::size_t bytes) const {
  const std::size_t half = limits_.bytes_max / 2;
  if (bytes >= limits_.large_bytes_min)
    return large_.waiting.empty() || large_.bytes + bytes <= half;
  return small_.waiting.empty() ||
         small_.bytes + std::min(large_.bytes, half) + bytes <= limits_.bytes_max;
}

void IntakeQueue::push(ReceivedMessage message, Completion done, std::size_t bytes) {
  Line& line = bytes >= limits_.large_bytes_min ? large_ : small_;
  line.waiting.push_back({std::move(message), std::move(done), bytes});
  line.bytes += bytes;
}

IntakeQueue::Group IntakeQueue::take() {
  const bool large = !large_.waiting.empty() && (small_.waiting.empty() || !large_was_last_);
  large_was_last_ = large;
  return large ? take_from(large_, 1) : take_from(small_, limits_.group_messages_max);
}

IntakeQueue::Group IntakeQueue::take_from(Line& line, std::size_t messages_max) const {
  Group group;
  group.messages.reserve(std::min(line.waiting.size(), messages_max));
  group.completions.reserve(group.messages.capacity());
  std::size_t bytes = 0;
  while (!line.waiting.empty() && group.messages.size() < messages_max) {
    Pending& next = line.waiting.front();
    if (!group.messages.empty() && bytes + next.bytes > limits_.group_bytes_max) break;
    bytes += next.bytes;
    group.messages.push_back(std::move(next.message));
    group.completions.push_back(std::move(next.done));
    line.waiting.pop_front();
  }
  line.bytes -= bytes;
  return group;
}

std::vector<Completion> IntakeQueue::drop() {
  std::vector<Completion> dropped;
  for (Line* line : {&small_, &large_}) {
    for (Pending& pending : line->waiting) dropped.push_back(std::move(pending.done));
    line->waiting.clear();
    line->bytes = 0;
  }
  return dropped;
}

}  // namespace walpulse::monitor
