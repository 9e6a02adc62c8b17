#include "publisher/delivery/lane_queue.h"

#include <utility>

namespace walpulse::publisher {

void LaneQueue::push(Message message, std::size_t wire_bytes) {
  const std::uint64_t number = next_number_++;
  ++message_count_;
  const auto [known, is_new] =
      by_key_.try_emplace(limits_.one_key ? message.ordering_key : std::string());
  if (is_new) known->second = by_age_.try_emplace(by_age_.end(), number);
  known->second->second.push_back({number, wire_bytes, std::move(message)});
}

std::vector<Message> LaneQueue::next_batch() {
  std::vector<Message> batch;
  if (by_age_.empty()) return batch;
  auto oldest = by_age_.extract(by_age_.begin());
  KeyQueue& queue = oldest.mapped();
  const std::string key = limits_.one_key ? queue.front().message.ordering_key : std::string();
  std::size_t bytes = 0;
  while (!queue.empty() && batch.size() < limits_.messages_max) {
    bytes += queue.front().wire_bytes;
    if (!batch.empty() && bytes > limits_.bytes_max) break;
    batch.push_back(std::move(queue.front().message));
    queue.pop_front();
  }
  message_count_ -= batch.size();
  if (queue.empty()) {
    by_key_.erase(key);
  } else {
    oldest.key() = queue.front().number;
    by_key_[key] = by_age_.insert(std::move(oldest)).position;
  }
  return batch;
}

}  // namespace walpulse::publisher
