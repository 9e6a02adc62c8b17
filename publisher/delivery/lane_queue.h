#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {

struct BatchLimits {
  std::size_t messages_max = 1000;
  std::size_t bytes_max = 9'000'000;
  bool one_key = true;  ///< A batch holds one ordering key; false: all count as the same.
};

/// What waits in one lane, and which of it leaves next. Not for several threads.
class LaneQueue {
 public:
  explicit LaneQueue(BatchLimits limits) : limits_(limits) {}

  /// `wire_bytes`: what the message adds to a request.
  void push(Message message, std::size_t wire_bytes);
  /// The messages of the key whose oldest message has waited longest, oldest first, up to the
  /// limits: no key starves behind a busy one. A message over the limits goes alone; empty only
  /// where the queue is.
  std::vector<Message> next_batch();
  bool empty() const { return by_age_.empty(); }
  /// Of the oldest message; there must be one.
  bool can_linger() const { return by_age_.begin()->second.front().message.can_linger; }
  std::size_t message_count() const { return message_count_; }

 private:
  struct Entry {
    std::uint64_t number;
    std::size_t wire_bytes;
    Message message;
  };
  using KeyQueue = std::deque<Entry>;
  using ByAge = std::map<std::uint64_t, KeyQueue>;  // By the number of its oldest message.

  BatchLimits limits_;
  std::uint64_t next_number_ = 0;
  std::size_t message_count_ = 0;
  ByAge by_age_;
  std::unordered_map<std::string, ByAge::iterator> by_key_;
};

}  // namespace walpulse::publisher
